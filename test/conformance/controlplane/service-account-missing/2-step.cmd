create serviceaccount robot
