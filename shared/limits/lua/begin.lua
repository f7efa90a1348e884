-- Tell the epoch if it is this run's; otherwise let one process at a time rebuild.

local run = run_id()
local epoch = redis.call('GET', root .. 'epoch')
if epoch and string.sub(epoch, 1, #run) == run then return cjson.encode({epoch = epoch}) end
if redis.call('SET', root .. 'rebuild', ask.token, 'NX', 'PX', ask.patience) then
  return cjson.encode({run = run})
end
return cjson.encode({busy = true})
