-- Take back a reservation whose request was not sent.

if not epoch_holds() then return gone() end
end_requests()

for id, cost in pairs(ask.costs) do
  local removed = take_back(id, ask.nonce, cost)
  local f = facts(id)
  if f.low and f.reset > now and ask.admitted >= f.since then
    redis.call('HINCRBY', home .. 'h:' .. id, 'low', removed)
  end
end
return cjson.encode({released = true})
