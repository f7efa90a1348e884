-- List every window and every block.

if not epoch_holds() then return gone() end
end_requests()
redis.call('PEXPIRE', root .. 'epoch', KEPT)

local windows, blocks = {}, {}
for _, id in ipairs(redis.call('SMEMBERS', home .. 'all')) do
  local def = redis.call('HGET', home .. 'h:' .. id, 'def')
  if def then
    windows[#windows + 1] = standing(cjson.decode(def))
  else
    redis.call('SREM', home .. 'all', id)
  end
end
for _, scope in ipairs(redis.call('SMEMBERS', home .. 'blocked')) do
  local raw = redis.call('GET', home .. 'b:' .. scope)
  local block = raw and cjson.decode(raw)
  if block and block['until'] > now then
    blocks[#blocks + 1] = block
  elseif not raw then
    redis.call('SREM', home .. 'blocked', scope)
  end
end
return cjson.encode({windows = windows, blocks = blocks})
