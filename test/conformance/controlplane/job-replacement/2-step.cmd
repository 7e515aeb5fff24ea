delete pods -l job-name=j
