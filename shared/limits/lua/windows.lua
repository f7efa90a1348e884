-- What every script shares; the loader puts it before each of them.
--
-- KEYS[1] is the root of all keys and carries their hash tag. ARGV[1] is JSON; instants and
-- durations in it are milliseconds. Keys live under the root and the epoch's generation:
--   w:<id>  sorted set, one member per slot: when its request ended, or while open must have
--   r:<id>  the same for reads, which give way; a nonce says which of the two its slots are in
--   h:<id>  hash: def, what the server told (limit, low, reset, first, since, moving, floor), seeded,
--           until when reads and sends are taken to want more than there is (wants_r, wants_w) and
--           how many slots are kept for reads till then, at most their share (keeps_r),
--           when an adaptive limit was cut, and since its last change first used well (cut, used_at)
--   b:<scope> block   s:<connection> streak   x:<connection> learnt ids   all   blocked

local root = KEYS[1]
local ask = cjson.decode(ARGV[1])
local home = root .. (ask.generation or '') .. ':'
local now = ask.now

local SHORT = 60000
local KEPT = 8 * 86400000
local MARGIN = 60000
local DAY = 86400000

local function run_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

-- A restart or a failover changes the run, a flush takes the epoch away: then nothing here counts.
local function epoch_holds()
  local run = run_id()
  return redis.call('GET', root .. 'epoch') == ask.epoch
    and string.sub(ask.epoch, 1, #run) == run
end

local function gone()
  return cjson.encode({gone = true})
end

local function facts(id)
  local f = redis.call('HMGET', home .. 'h:' .. id, 'limit', 'low', 'reset', 'first', 'since',
    'moving', 'floor', 'seeded', 'wants_r', 'wants_w', 'tag', 'kept', 'cut', 'used_at',
    'keeps_r')
  local cut = tonumber(f[13])
  local is_forgotten = cut and now >= cut + DAY
  return {
    limit = not is_forgotten and tonumber(f[1]) or nil, low = tonumber(f[2]), reset = tonumber(f[3]), first = tonumber(f[4]),
    since = tonumber(f[5]), moving = f[6] == '1', floor = tonumber(f[7]) or 0, seeded = f[8] == '1',
    wants_r = tonumber(f[9]) or 0, wants_w = tonumber(f[10]) or 0, tag = f[11],
    kept = tonumber(f[12]) or 0, cut = not is_forgotten and cut or nil, used_at = tonumber(f[14]),
    keeps_r = tonumber(f[15]) or math.huge,
  }
end

local function limit_of(g, f)
  if not f.limit then return g.requests end
  if g.source == 'configured' then return math.min(f.limit, g.requests) end
  return f.limit
end

-- Requests that ended after this instant count. A fixed window empties at the server's reset;
-- without one it is as strict as a sliding one. What ends at the very reset counts on.
local function floor_of(g, f)
  local floor = math.max(now - g.per, g.floor - 1)
  if g.window ~= 'fixed' or f.moving then return floor end
  if f.reset and f.reset <= now then floor = math.max(floor, f.reset - 1) end
  return math.max(floor, f.floor - 1)
end

-- Whether the slots of a nonce are among the reads or the sends.
local function side_of(nonce)
  return string.sub(nonce, 1, 1) == 'r' and 'r:' or 'w:'
end

-- A bound that scores must be above. Lua writes 14 digits; an instant has 13 until the year 2286.
local function beyond(score)
  return '(' .. score
end

-- The slots of sends and of reads that count.
local function counts_of(g, floor)
  local bound = beyond(floor)
  return redis.call('ZCOUNT', home .. 'w:' .. g.id, bound, '+inf'),
    redis.call('ZCOUNT', home .. 'r:' .. g.id, bound, '+inf')
end

local function used_of(g, floor)
  local sends, reads = counts_of(g, floor)
  return sends + reads
end

local function counts(g, call, account)
  if g.account and g.account ~= account then return false end
  if not g.calls or #g.calls == 0 then return true end
  for _, counted in ipairs(g.calls) do
    if counted == call then return true end
  end
  return false
end

-- The windows asked about, and those which only answers taught us.
local function gauges_of(scope, call)
  local found, asked = {}, {}
  for _, g in ipairs(scope.gauges) do
    asked[g.id] = true
    found[#found + 1] = g
  end
  local index = home .. 'x:' .. scope.connection
  for _, id in ipairs(redis.call('SMEMBERS', index)) do
    local def = not asked[id] and redis.call('HGET', home .. 'h:' .. id, 'def')
    if def then
      local g = cjson.decode(def)
      if counts(g, call, scope.account) then found[#found + 1] = g end
    elseif not asked[id] then
      redis.call('SREM', index, id)
    end
  end
  return found
end

local function block_of(scope)
  local worst = nil
  local keys = {home .. 'b:' .. scope.connection}
  if scope.account then keys[2] = keys[1] .. '|' .. scope.account end
  for _, raw in ipairs(redis.call('MGET', unpack(keys))) do
    local block = raw and cjson.decode(raw)
    if block and block['until'] > now and (not worst or block['until'] > worst['until']) then
      worst = block
    end
  end
  return worst
end

-- A gauge whose tag is known is written down already; it is kept for days after its last use.
local function remember(g, f)
  if f.tag == g.tag and now < f.kept + DAY then return end
  local key = home .. 'h:' .. g.id
  redis.call('HSET', key, 'def', cjson.encode(g), 'tag', g.tag, 'kept', now)
  redis.call('PEXPIRE', key, KEPT)
  redis.call('SADD', home .. 'all', g.id)
  redis.call('PEXPIRE', home .. 'all', KEPT)
end

local function set_block(block)
  local key = home .. 'b:' .. block.scope
  local raw = redis.call('GET', key)
  if raw and cjson.decode(raw)['until'] >= block['until'] then return end
  redis.call('SET', key, cjson.encode(block), 'PX',
    math.max(block['until'] - now, 0) + MARGIN)
  redis.call('SADD', home .. 'blocked', block.scope)
  redis.call('PEXPIRE', home .. 'blocked', KEPT)
end

-- The members of one request and their common score, as ZADD takes them.
local function slots(nonce, cost, score)
  local args = {}
  for unit = 1, cost do
    args[2 * unit - 1], args[2 * unit] = score, nonce .. ':' .. unit
  end
  return unpack(args)
end

-- Free the slots of one request, and return how many it held.
local function take_back(id, nonce, cost)
  local removed = 0
  for unit = 1, cost do
    removed = removed + redis.call('ZREM', home .. side_of(nonce) .. id, nonce .. ':' .. unit)
  end
  return removed
end

-- An answer ends a request: from then on it takes its slot for one window. It has no slot yet when
-- the memory was lost meanwhile, and none any more when it took longer than the longest call; what
-- was filled from SQL counts it already.
local function end_request(id, ended, cost)
  local key = home .. side_of(ended.nonce) .. id
  if redis.call('ZADD', key, 'XX', 'CH', slots(ended.nonce, cost, ended.at)) > 0 then return end
  if redis.call('HEXISTS', home .. 'h:' .. id, 'seeded') == 1 then return end
  redis.call('ZADD', key, slots(ended.nonce, cost, ended.at))
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ask.longest + MARGIN) end
end

local function end_requests()
  for _, ended in ipairs(ask.ended or {}) do
    for id, cost in pairs(ended.costs) do end_request(id, ended, cost) end
  end
end
