-- How a window stands; the loader puts it between windows.lua and each script that looks.

local BOTH = {'w:', 'r:'}

-- The ticks that bring a job back are a second apart.
local RETURN = 2000

-- When the slot ended that is the `nth` to leave the window, of these sides together.
local function nth_end(g, floor, nth, sides)
  local ends = {}
  for _, side in ipairs(sides) do
    local found = redis.call('ZRANGEBYSCORE', home .. side .. g.id, beyond(floor), '+inf',
      'WITHSCORES', 'LIMIT', 0, nth)
    for place = 2, #found, 2 do ends[#ends + 1] = tonumber(found[place]) end
  end
  table.sort(ends)
  return ends[nth]
end

-- When so many slots of these sides have left the window, at the earliest.
local function frees_at(g, f, floor, slots, sides)
  if g.window == 'day' then return g.ends end
  if g.window == 'fixed' and not f.moving and f.reset and f.reset > now then return f.reset end
  local ended = nth_end(g, floor, slots, sides)
  if ended and ended <= now then return ended + g.per end
  return now + g.per
end

-- What nobody counted may have been sent until `blind`, so until one window later a short one is
-- full, and a long one is so until then and waits to be filled from SQL.
local function blind_until(g)
  return ask.blind + g.per
end

-- What one side may have of a window of so many slots while the other wants more than there is.
local function part_of(whole, want, f)
  if whole < 2 then return whole end
  local for_reads = math.min(math.max(1, math.ceil(want.share * whole - 1e-9)), whole - 1)
  return want.reads and for_reads or whole - math.min(for_reads, f.keeps_r)
end

-- Until when the other side holds this one to its part; nil while it does not.
local function held_until(g, f, want)
  local hungry = want.reads and f.wants_w or f.wants_r
  return g.shared and hungry > now and hungry or nil
end

-- How a window stands: free slots, and when those wanted will be free if they are not.
local function look(g, want)
  local f, cost = facts(g.id), ask.costs[g.unit]
  local limit = limit_of(g, f)
  if g.source == 'adaptive' and not f.limit then
    return {g = g, f = f, free = limit, is_unlimited = true}
  end
  local full_until = g.per <= SHORT and blind_until(g) or ask.blind
  if now < full_until then
    return {g = g, f = f, free = 0, opens = full_until, limit = limit, blind = true}
  end
  if now < blind_until(g) and g.per > SHORT and not f.seeded then return {g = g, unseeded = true} end
  local floor = floor_of(g, f)
  local sends, reads = counts_of(g, floor)
  local free, opens = limit - sends - reads, nil
  local told = f.low and f.reset and f.reset > now
  if free < cost then opens = frees_at(g, f, floor, cost - free, BOTH) end
  if told and f.low < cost then opens = math.max(opens or 0, f.reset) end
  if told then free = math.min(free, f.low) end
  local held = held_until(g, f, want)
  if held then
    local mine = want.reads and reads or sends
    local part = part_of(sends + reads + free, want, f) - mine
    if part < cost then
      local own = frees_at(g, f, floor, cost - part, {want.reads and 'r:' or 'w:'})
      opens = math.max(opens or 0, math.min(held, own))
    end
    free = math.min(free, part)
  end
  return {g = g, f = f, free = free, opens = opens, limit = limit, floor = floor,
    used = sends + reads, reads = reads}
end

-- Once a minute: let the slots of a window outlive it, and drop those that left it long ago.
local function tidy(key, stand)
  local g = stand.g
  local needed = g.per + ask.longest + MARGIN
  if redis.call('PTTL', key) >= needed then return end
  redis.call('PEXPIRE', key, needed + MARGIN)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', (stand.floor or now - g.per) - MARGIN)
end

-- Who finds no room wants more than there is. The other side is held to its part until this one
-- may be served and had the time to come back; for a read that comes alone one slot is kept.
local function note_demand(stand, want)
  if stand.blind or not stand.g.shared then return end
  local g, f = stand.g, stand.f
  remember(g, f)
  redis.call('HSET', home .. 'h:' .. g.id, want.reads and 'wants_r' or 'wants_w',
    math.max(now + g.per, stand.opens) + RETURN)
  if not want.reads then return end
  if not want.alone then
    redis.call('HDEL', home .. 'h:' .. g.id, 'keeps_r')
  elseif f.wants_r <= now or f.keeps_r <= stand.reads then
    redis.call('HSET', home .. 'h:' .. g.id, 'keeps_r', stand.reads + 1)
  end
end

local function last_of(side, g)
  return redis.call('ZREVRANGE', home .. side .. g.id, 0, 0, 'WITHSCORES')[2] or ''
end

-- A window as people read it and SQL keeps it; `mark` changes with every request.
local function standing(g)
  local f = facts(g.id)
  local floor, limit = floor_of(g, f), limit_of(g, f)
  local used = used_of(g, floor)
  local told = f.low and f.reset and f.reset > now
  local resets = nil
  if told then used, resets = math.max(used, limit - f.low), f.reset end
  if now < blind_until(g) and g.per <= SHORT then used, resets = limit, blind_until(g) end
  if not resets and used > 0 then resets = frees_at(g, f, floor, 1, BOTH) end
  local empties = now + g.per
  if g.window == 'day' then
    empties = g.ends
  elseif g.window == 'fixed' and not f.moving and f.reset and f.reset > now then
    empties = f.reset
  elseif g.source == 'adaptive' or f.cut then
    empties = f.cut and f.cut + DAY or now
  end
  return {
    gauge = g, limit = limit, used = used, resets = resets, empties = empties,
    learnt = f.limit ~= nil, source = f.cut and 'adaptive' or f.limit and 'learnt' or g.source,
    mark = last_of('w:', g) .. '/' .. last_of('r:', g),
  }
end
