log 'ready'
