-- Gives back what an ended stream has held, and spends what it has used.
--
-- ARGV: 5 the tokens and 6 the streams that it has held, 7 the tokens that it has used
own.held = math.max(0, own.held - ARGV[5])
own.streams = math.max(0, own.streams - ARGV[6])
own.tokens = own.tokens + ARGV[7]
for _, limit in ipairs(limits) do
  if limit.unit == 'tokens' then
    limit.spent = limit.spent + ARGV[7]
  end
end
return write('settled')
