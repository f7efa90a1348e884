-- What a connection bears, found by trial, by the rules of adaptive.py.

-- A window that was really used, and nothing refused until it was over, shows that a little more
-- is borne.
local function probe(stand, cost)
  local f, key = stand.f, home .. 'h:' .. stand.g.id
  if not f.cut then return end
  if not f.used_at then
    if stand.used + cost >= 0.8 * f.limit then redis.call('HSET', key, 'used_at', now) end
  elseif now >= f.used_at + stand.g.per then
    redis.call('HSET', key, 'limit', f.limit + math.max(1, math.floor(f.limit * 0.05)))
    redis.call('HDEL', key, 'used_at')
  end
end

-- Figures of the server's own end it; tell whether there was one.
local function forget(g)
  if not facts(g.id).cut then return false end
  redis.call('HDEL', home .. 'h:' .. g.id, 'limit', 'cut', 'used_at')
  return true
end

local function is_full(g)
  local f = facts(g.id)
  if f.low and f.reset and f.reset > now and f.low < 1 then return true end
  return limit_of(g, f) - used_of(g, floor_of(g, f)) < 1
end

-- Whether a window that we know explains the refusal.
local function is_explained(g)
  for _, other in ipairs(gauges_of(ask, ask.call)) do
    if other.id ~= g.id and is_full(other) then return true end
  end
  return false
end

-- A refused request was not taken by the server. One that was admitted before the last cut was
-- under way with the one that led to it, and says nothing new.
local function refuse(g, refused)
  take_back(g.id, refused.nonce, refused.cost)
  if is_explained(g) then return false end
  local f = facts(g.id)
  if f.cut and refused.admitted <= f.cut then return false end
  local borne = f.cut and f.limit or used_of(g, floor_of(g, f))
  if borne < 1 then return false end
  remember(g, f)
  redis.call('HSET', home .. 'h:' .. g.id, 'limit', math.max(1, math.floor(borne / 2)), 'cut', now)
  redis.call('HDEL', home .. 'h:' .. g.id, 'used_at')
  return true
end
