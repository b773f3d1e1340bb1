-- Begins a connection of a node. From now on, scripts of its earlier connections are refused, even if they run later. What the
-- node holds goes on to count as the earlier connection has left it, until it is set anew.
--
-- KEYS: 1 the nodes, 2 the name that the store has until it loses its data
-- ARGV: 1 the node, 2 the number of this connection, 3 the lease in microseconds, 4 a name for the store if it has none
-- Returns the name of the store.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local entry = redis.call('HGET', KEYS[1], ARGV[1])
if entry and tonumber(entry:match('^(%d+) ')) >= tonumber(ARGV[2]) then
  return 'unknown' -- this script runs late
end
redis.call('SETNX', KEYS[2], ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + ARGV[3]))
return redis.call('GET', KEYS[2])
