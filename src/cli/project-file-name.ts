/** The name of the project file; apart from its reader, which takes a while to load. */
export const PROJECT_FILE = 'isthmus.yaml'
