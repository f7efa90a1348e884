-- Reserve in every window of the scope what the call costs in its unit, or in none.

if not epoch_holds() then return gone() end
end_requests()

local block = block_of(ask)
if block then
  return cjson.encode({opens = block['until'], why = block.why})
end

local stands, unseeded, worst = {}, {}, nil
for _, g in ipairs(gauges_of(ask, ask.call)) do
  local stand = look(g, ask)
  if stand.unseeded then
    unseeded[#unseeded + 1] = g
  elseif stand.opens and (not worst or stand.opens > worst.opens) then
    worst = stand
  end
  stands[#stands + 1] = stand
end
if #unseeded > 0 then return cjson.encode({unseeded = unseeded}) end
if worst then
  for _, stand in ipairs(stands) do
    if stand.opens then note_demand(stand, ask) end
  end
  return cjson.encode({opens = worst.opens, gauge = worst.g, limit = worst.limit})
end

local costs = {}
for _, stand in ipairs(stands) do
  local g, cost = stand.g, ask.costs[stand.g.unit]
  local key = home .. side_of(ask.nonce) .. g.id
  remember(g, stand.f)
  redis.call('ZADD', key, slots(ask.nonce, cost, now + ask.longest))
  tidy(key, stand)
  if stand.f.low and stand.f.reset > now then
    redis.call('HINCRBY', home .. 'h:' .. g.id, 'low', -cost)
  end
  probe(stand, cost)
  costs[g.id] = cost
end
local streak = tonumber(redis.call('GET', home .. 's:' .. ask.connection)) or 0
return cjson.encode({granted = true, costs = costs, streak = streak})
