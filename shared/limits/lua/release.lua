-- Take back a reservation whose request was not sent.

if not epoch_holds() then return gone() end
end_requests()

for _, id in ipairs(ask.ids) do
  local removed = 0
  for unit = 1, ask.cost do
    removed = removed + redis.call('ZREM', home .. 'w:' .. id, ask.nonce .. ':' .. unit)
  end
  local f = facts(id)
  if f.low and f.reset > now and ask.admitted >= f.since then
    redis.call('HINCRBY', home .. 'h:' .. id, 'low', removed)
  end
end
return cjson.encode({released = true})
