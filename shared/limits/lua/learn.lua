-- Take in an answer: ends, windows as the server sees them, what it refused without a figure, a
-- block, the streak of bare 429s.

if not epoch_holds() then return gone() end
end_requests()

local function slack(g)
  return math.min(2000, g.per / 2)
end

-- Within one window the lowest remaining counts; only a later reset opens a new one. A window
-- whose reset moves on before it came, or sooner than one length later, is not a fixed one.
local function turn(g, f, reset)
  if f.first and reset <= f.first + slack(g) then
    f.reset = math.max(f.reset, reset)
    return
  end
  if f.first and (now < f.first - slack(g) or reset < f.first + g.per - slack(g)) then
    f.moving = true
  end
  if f.reset and f.reset <= now then f.floor = f.reset end
  f.first, f.reset, f.since, f.low = reset, reset, now, nil
end

-- Somebody else spends too when less is left than our own requests explain; then those of ours
-- still on their way have yet to be counted.
local function lower(g, f, remaining)
  local floor = floor_of(g, f)
  local own_free = limit_of(g, f) - used_of(g, floor)
  if remaining < own_free then
    remaining = math.max(remaining - used_of(g, now), 0)
  end
  f.low = math.min(f.low or remaining, remaining)
end

local function write(g, f)
  local key = home .. 'h:' .. g.id
  redis.call('HSET', key, 'moving', f.moving and '1' or '0', 'floor', f.floor)
  for _, name in ipairs({'limit', 'low', 'reset', 'first', 'since'}) do
    if f[name] then
      redis.call('HSET', key, name, f[name])
    else
      redis.call('HDEL', key, name)
    end
  end
end

local changed = {}
if ask.has_figures and forget(ask.adaptive) then changed[1] = ask.adaptive end
if ask.refused and refuse(ask.adaptive, ask.refused) then changed[1] = ask.adaptive end
for _, lesson in ipairs(ask.lessons or {}) do
  local g, f = lesson.gauge, facts(lesson.gauge.id)
  local old = lesson.reset and f.first and lesson.reset < f.first - slack(g)
  if not old then
    if lesson.limit and lesson.limit ~= f.limit then
      f.limit = lesson.limit
      changed[#changed + 1] = g
    end
    if lesson.reset then
      turn(g, f, lesson.reset)
      if lesson.remaining then lower(g, f, lesson.remaining) end
    end
    remember(g, f)
    write(g, f)
    redis.call('SADD', home .. 'x:' .. g.connection, g.id)
    redis.call('PEXPIRE', home .. 'x:' .. g.connection, KEPT)
  end
end

if ask.block then set_block(ask.block) end
if ask.streak then
  local key = home .. 's:' .. ask.connection
  if ask.streak == 0 then
    redis.call('DEL', key)
  else
    local streak = math.max(tonumber(redis.call('GET', key)) or 0, ask.streak)
    redis.call('SET', key, streak, 'PX', 3600000)
  end
end

local news = {}
for index, g in ipairs(changed) do news[index] = standing(g) end
return cjson.encode({news = news})
