-- Whole numbers as texts, as which records hold them.

-- The texts that `text_of` has returned, by number.
local texts = {}

-- Returns the text of a whole number. Lua and Redis would write it as a decimal fraction, which takes them three times as long, and a
-- script writes the same time for each of its jobs.
local function text_of(n)
  local text = texts[n]
  if not text then
    text = string.format('%d', n)
    texts[n] = text
  end
  return text
end

-- At most fifteen digits. Larger numbers are not exact in Lua, and would be written in scientific notation.
local function is_number(text) return string.match(text or '', '^%d+$') ~= nil and #text <= 15 end
