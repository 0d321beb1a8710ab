// problem: shortest-path
// expect: accepted
// A breadth-first search without recursion, because 40,000 cells would overflow the stack.
const solve = ({ grid }) => {
  const rows = grid.length;
  const columns = grid[0].length;
  const last = rows * columns - 1;
  const steps = new Int32Array(rows * columns).fill(-1);
  if (grid[0][0] === "#" || grid[rows - 1][columns - 1] === "#") return -1;
  const queue = [0];
  steps[0] = 0;
  for (let head = 0; head < queue.length; head++) {
    const cell = queue[head];
    if (cell === last) return steps[cell];
    const row = Math.floor(cell / columns);
    const column = cell % columns;
    const visit = (nextRow, nextColumn) => {
      if (grid[nextRow]?.[nextColumn] !== ".") return;
      const next = nextRow * columns + nextColumn;
      if (steps[next] !== -1) return;
      steps[next] = steps[cell] + 1;
      queue.push(next);
    };
    visit(row + 1, column);
    visit(row - 1, column);
    visit(row, column + 1);
    visit(row, column - 1);
  }
  return -1;
};
