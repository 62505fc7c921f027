/** What is wrong with a YAML text, in the parser's words without the place: whoever tells it begins with the file and the line. */
export function yamlProblem(message: string): string {
  return message.replace(/ at line \d+, column \d+:[^]*$/, '')
}
