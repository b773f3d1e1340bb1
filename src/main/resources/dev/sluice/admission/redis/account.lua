-- Follows node.lua in each script that concerns an account. It reads the account.
--
-- KEYS: 2 the account: a hash with
--   n:<node>   what a node holds, and what it has spent since it began to count: 'count held streams tokens requests'.
--              A node that forgets an account, and needs it again, begins a new count.
--   s:<limit>  what was spent of a limit, and when that was so: 'spent time'
--   b:<limit>  only after the store has lost data: how much of the level was put back, see restore.lua
-- ARGV: 3 the number of the node's count, 4 the limits: 'id amount period;' for each, the period of streams being 0
local mine = 'n:' .. ARGV[1]
local fields = {}
local others = {}
local content = redis.call('HGETALL', KEYS[2])
for i = 1, #content, 2 do
  local name = content[i]
  fields[name] = content[i + 1]
  if name:sub(1, 2) == 'n:' and name ~= mine then
    others[#others + 1] = name
  end
end

-- What nodes hold whose lease has not ended.
local held, streams = 0, 0
if #others > 0 then
  local names = {}
  for i, name in ipairs(others) do
    names[i] = name:sub(3)
  end
  local entries = redis.call('HMGET', KEYS[1], unpack(names))
  for i, name in ipairs(others) do
    if not entries[i] then
      redis.call('HDEL', KEYS[2], name) -- the node has left
    elseif alive(entries[i]) then
      local h, s = fields[name]:match('^%d+ (%d+) (%d+)')
      held = held + h
      streams = streams + s
    end
  end
end

local own = { held = 0, streams = 0, tokens = 0, requests = 0 }
local count, h, s, t, r = (fields[mine] or ''):match('^(%d+) (%d+) (%d+) (%d+) (%d+)$')
local known = count == ARGV[3] -- whether this count of the node is known here
if known then
  own = { held = tonumber(h), streams = tonumber(s), tokens = tonumber(t), requests = tonumber(r) }
end

-- A level that was so at that time is lower now.
local function regained(level, time, limit)
  return math.max(0, level - math.max(0, now - time) * limit.amount / limit.period)
end

local limits = {}
for id, amount, period in ARGV[4]:gmatch('(%S+) (%d+) (%d+);') do
  local limit = { id = id, unit = id:match('^%a+'), amount = tonumber(amount), period = tonumber(period), spent = 0 }
  local level, time = (fields['s:' .. id] or ''):match('^(%S+) (%S+)$')
  if level then
    limit.spent = regained(level, time, limit)
  end
  limits[#limits + 1] = limit
end

-- The verdict with the present levels: what is held, the open streams, and what is spent of each limit.
local function levels(verdict)
  local all = { verdict, string.format('%.0f', held + own.held), string.format('%.0f', streams + own.streams) }
  for _, limit in ipairs(limits) do
    all[#all + 1] = string.format('%.17g', limit.spent)
  end
  return table.concat(all, ' ')
end

-- Writes the account, and returns the verdict with the levels.
local function write(verdict)
  local changes = { mine, string.format('%s %.0f %.0f %.0f %.0f', ARGV[3], own.held, own.streams, own.tokens, own.requests) }
  local keep = 60000 -- in milliseconds
  if held + own.held + streams + own.streams > 0 then
    keep = 3 * 3600000 -- a node writes what it holds once an hour
  end
  for _, limit in ipairs(limits) do
    if limit.period > 0 then
      changes[#changes + 1] = 's:' .. limit.id
      changes[#changes + 1] = string.format('%.17g %.0f', limit.spent, now)
      fields['s:' .. limit.id] = nil
      keep = math.max(keep, 60000 + limit.spent * limit.period / limit.amount / 1000)
    end
    if limit.restored then
      changes[#changes + 1] = 'b:' .. limit.id
      changes[#changes + 1] = limit.restored
    end
  end
  for name in pairs(fields) do
    if name:sub(1, 2) == 's:' then
      keep = math.max(keep, redis.call('PTTL', KEYS[2])) -- a limit that only other nodes have
    end
  end
  redis.call('HSET', KEYS[2], unpack(changes))
  redis.call('PEXPIRE', KEYS[2], string.format('%.0f', keep))
  return levels(verdict)
end
