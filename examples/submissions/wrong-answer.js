// problem: palindrome
// expect: wrong_answer
// Does not ignore case, spaces and punctuation, which the first test detects.
function solve({ text }) {
  return text === text.split("").reverse().join("");
}
