-- Ends a node that stops. Nothing that it has held counts any more.
redis.call('HDEL', KEYS[1], ARGV[1])
return 'left'
