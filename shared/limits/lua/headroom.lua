-- Say for each scope how much `admit` would grant, reserving nothing.

if not epoch_holds() then return gone() end
end_requests()

local answers, unseeded = {}, {}
for index, scope in ipairs(ask.scopes) do
  local answer = {}
  for _, g in ipairs(gauges_of(scope, ask.call)) do
    local stand = look(g, 1)
    if stand.unseeded then
      unseeded[#unseeded + 1] = g
    elseif stand.opens then
      if not answer.opens or stand.opens > answer.opens then
        answer = {free = stand.free, opens = stand.opens, gauge = g, limit = stand.limit}
      end
    elseif not answer.opens and (not answer.free or stand.free < answer.free) then
      answer = {free = stand.free, gauge = g, limit = stand.limit}
    end
  end
  local block = block_of(scope)
  if block then answer = {free = 0, opens = block['until'], why = block.why} end
  answers[index] = answer
end
if #unseeded > 0 then return cjson.encode({unseeded = unseeded}) end
return cjson.encode({answers = answers})
