-- Reserve `cost` requests in every window of the scope, or in none.

if not epoch_holds() then return gone() end
end_requests()

local block = block_of(ask)
if block then
  return cjson.encode({opens = block['until'], why = block.why})
end

local stands, unseeded, worst = {}, {}, nil
for _, g in ipairs(gauges_of(ask, ask.call)) do
  local stand = look(g, ask.cost)
  if stand.unseeded then
    unseeded[#unseeded + 1] = g
  elseif stand.free < ask.cost and (not worst or stand.opens > worst.opens) then
    worst = stand
  end
  stands[#stands + 1] = stand
end
if #unseeded > 0 then return cjson.encode({unseeded = unseeded}) end
if worst then
  return cjson.encode({opens = worst.opens, gauge = worst.g, limit = worst.limit})
end

local ids = {}
for index, stand in ipairs(stands) do
  local g, key = stand.g, home .. 'w:' .. stand.g.id
  remember(g)
  redis.call('ZREMRANGEBYSCORE', key, '-inf',
    string.format('%.0f', (stand.floor or now - g.per) - MARGIN))
  for unit = 1, ask.cost do
    redis.call('ZADD', key, string.format('%.0f', now + ask.longest), ask.nonce .. ':' .. unit)
  end
  redis.call('PEXPIRE', key, string.format('%.0f', g.per + ask.longest + MARGIN))
  if stand.f.low and stand.f.reset > now then
    redis.call('HINCRBY', home .. 'h:' .. g.id, 'low', -ask.cost)
  end
  ids[index] = g.id
end
local streak = tonumber(redis.call('GET', home .. 's:' .. ask.connection)) or 0
return cjson.encode({granted = true, ids = ids, streak = streak})
