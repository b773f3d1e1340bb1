-- Changes nothing.
return levels('read')
