/** The end of the help of a command for operators. */
export const OPERATORS_ONLY = `Operators only: users for whom the \`subject\` of your createJobsRouter returns
\`operator: true\`. With AUTH_SECRET, see telltale token --operator.`;
