-- Say for each scope how much `admit` would grant, reserving nothing; note who finds no room.

if not epoch_holds() then return gone() end
end_requests()

local unseeded, noted = {}, {}

local function note_once(stand, scope)
  if not noted[stand.g.id] then note_demand(stand, scope) end
  noted[stand.g.id] = true
end

local function answer_of(scope)
  local block = block_of(scope)
  if block then return {free = 0, opens = block['until'], why = block.why} end
  local answer = {}
  for _, g in ipairs(gauges_of(scope, ask.call)) do
    local stand = look(g, scope)
    if stand.is_unlimited then
      -- It only counts, for the day that it is needed.
    elseif stand.unseeded then
      unseeded[#unseeded + 1] = g
    elseif stand.opens then
      note_once(stand, scope)
      if not answer.opens or stand.opens > answer.opens then
        answer = {free = stand.free, opens = stand.opens, gauge = g, limit = stand.limit}
      end
    elseif not answer.opens and (not answer.free or stand.free < answer.free) then
      answer = {free = stand.free, gauge = g, limit = stand.limit}
    end
  end
  return answer
end

local answers = {}
for index, scope in ipairs(ask.scopes) do answers[index] = answer_of(scope) end
if #unseeded > 0 then return cjson.encode({unseeded = unseeded}) end
return cjson.encode({answers = answers})
