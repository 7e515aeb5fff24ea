delete pods -l app=agent
