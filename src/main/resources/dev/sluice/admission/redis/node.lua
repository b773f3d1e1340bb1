-- Begins each script of one node's connection. It lets the script go on only if this connection is the node's latest, and its
-- lease has not ended. Otherwise the node has to join again.
--
-- KEYS: 1 the nodes: a hash that has for each node the number of its latest connection, and the end of its lease
-- ARGV: 1 the node, 2 the number of this connection
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2] -- in microseconds, as all times are

local function epoch(entry)
  return entry and entry:match('^(%d+) ')
end

local function alive(entry)
  return entry and tonumber(entry:match(' (%d+)$')) > now
end

local entry = redis.call('HGET', KEYS[1], ARGV[1])
if epoch(entry) ~= ARGV[2] or not alive(entry) then
  return 'unknown'
end
