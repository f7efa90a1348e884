-- Take back a reservation whose request was not sent.

if not epoch_holds() then return gone() end
end_requests()

for id, cost in pairs(ask.costs) do
  local removed = 0
  for unit = 1, cost do
    removed = removed + redis.call('ZREM', home .. side_of(ask.nonce) .. id, ask.nonce .. ':' .. unit)
  end
  local f = facts(id)
  if f.low and f.reset > now and ask.admitted >= f.since then
    redis.call('HINCRBY', home .. 'h:' .. id, 'low', removed)
  end
end
return cjson.encode({released = true})
