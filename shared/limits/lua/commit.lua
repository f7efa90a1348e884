-- Open a new generation with what SQL knows, if the rebuild is still ours and the run the same.

if redis.call('GET', root .. 'rebuild') ~= ask.token or run_id() ~= ask.run then
  return cjson.encode({late = true})
end
for _, block in ipairs(ask.blocks) do set_block(block) end
for _, learnt in ipairs(ask.learnt) do
  local g = learnt.gauge
  remember(g, facts(g.id))
  redis.call('HSET', home .. 'h:' .. g.id, 'limit', learnt.limit)
  if learnt.cut then
    redis.call('HSET', home .. 'h:' .. g.id, 'cut', learnt.cut)
  else
    redis.call('SADD', home .. 'x:' .. g.connection, g.id)
    redis.call('PEXPIRE', home .. 'x:' .. g.connection, KEPT)
  end
end
redis.call('SET', root .. 'epoch', ask.epoch, 'PX', KEPT)
redis.call('DEL', root .. 'rebuild')
return cjson.encode({epoch = ask.epoch})
