-- Fill a long window with the requests that SQL knows of, once in an epoch.

if not epoch_holds() then return gone() end

local g = ask.gauge
remember(g, facts(g.id))
if redis.call('HSETNX', home .. 'h:' .. g.id, 'seeded', '1') == 1 then
  -- Nothing was admitted yet: what is there ended meanwhile, and is among what SQL knows.
  redis.call('DEL', home .. 'w:' .. g.id, home .. 'r:' .. g.id)
  for index, ended in ipairs(ask.ends) do
    redis.call('ZADD', home .. 'w:' .. g.id, ended, 'seed:' .. index)
  end
  redis.call('PEXPIRE', home .. 'w:' .. g.id, g.per + ask.longest + MARGIN)
end
return cjson.encode({seeded = true})
