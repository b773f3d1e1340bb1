-- Takes one stream, one request and so many tokens, if all limits allow it. A request that needs more tokens than a limit has
-- at all needs all of them.
--
-- ARGV: 5 the tokens
local tokens = tonumber(ARGV[5])
local fits = true
for _, limit in ipairs(limits) do
  local used, need = limit.spent, 1
  if limit.unit == 'streams' then
    used = streams + own.streams
  elseif limit.unit == 'tokens' then
    used = limit.spent + held + own.held
    need = math.min(tokens, limit.amount)
  end
  fits = fits and used + need <= limit.amount + 1e-6
end
if not fits then
  return levels('reached')
end
own.held = own.held + tokens
own.streams = own.streams + 1
own.requests = own.requests + 1
for _, limit in ipairs(limits) do
  if limit.unit == 'requests' then
    limit.spent = limit.spent + 1
  end
end
return write('taken')
