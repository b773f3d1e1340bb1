-- Sets what the node holds and has spent to what the node says, whatever was done by its earlier connections. What it has spent
-- and the store does not know is spent now, once.
--
-- If the store has lost data, the levels are put back first. Each node tells the level that it was last told. The nodes come one
-- after the other, and have not been told the same: the level is raised to the highest of them, apart from what the nodes have
-- spent since. 'b:<limit>' is that highest level: 'level time begun'. It is used while all nodes return, for one minute.
--
-- ARGV: 5 the tokens and 6 the streams that the node holds, 7 the tokens and 8 the requests that it has spent, 9 those tokens
-- and 10 those requests of which it was told that they are counted, 11 whether the store has lost all its data since,
-- 12 the time since it was last told, 13 for each limit what it was told, less what is regained since, and by how much its own
-- spending has raised that: 'told raised;'
local counted = { tokens = 0, requests = 0 } -- of what the node was not told to be counted
local lost = ARGV[11] == 'true'
if known then
  counted = { tokens = own.tokens - ARGV[9], requests = own.requests - ARGV[10] }
  lost = counted.tokens < 0 or counted.requests < 0 -- this is an older state of the store
end

local i = 0
for told, raised in ARGV[13]:gmatch('(%S+) (%S+);') do
  i = i + 1
  local limit = limits[i]
  if limit.period > 0 then
    local more = raised - (counted[limit.unit] or 0)
    if lost then
      local level, time, begun = (fields['b:' .. limit.id] or ''):match('^(%S+) (%S+) (%S+)$')
      local restored = known and limit.spent or 0
      if level and now - begun < 60000000 then
        restored = regained(level, time, limit)
      else
        begun = now
      end
      if tonumber(told) > restored then
        limit.spent = limit.spent + told - restored
        restored = tonumber(told)
      end
      limit.restored = string.format('%.17g %.0f %.0f', restored, now, begun)
      more = tonumber(raised)
    elseif more < 0 then
      -- Something was taken in vain. What may have been regained of it is not given back again.
      more = math.min(0, more + ARGV[12] * limit.amount / limit.period)
    end
    limit.spent = math.max(0, limit.spent + more)
  end
end

own = { held = tonumber(ARGV[5]), streams = tonumber(ARGV[6]), tokens = tonumber(ARGV[7]), requests = tonumber(ARGV[8]) }
return write('restored')
