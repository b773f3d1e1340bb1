-- Renews the lease of a node, and forgets the nodes whose lease has ended long ago.
--
-- ARGV: 3 the lease, 4 how long a node is remembered after it, both in microseconds
local nodes = redis.call('HGETALL', KEYS[1])
for i = 1, #nodes, 2 do
  if tonumber(nodes[i + 1]:match(' (%d+)$')) + ARGV[4] < now then
    redis.call('HDEL', KEYS[1], nodes[i])
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + ARGV[3]))
return 'renewed'
