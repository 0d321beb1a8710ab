// problem: palindrome
// expect: wrong_answer
// Forgets that capitals, spaces and punctuation do not count, which the first test tells.
function solve({ text }) {
  return text === text.split("").reverse().join("");
}
