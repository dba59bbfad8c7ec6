/*
 * The SQL that differs between databases, under names that do not. Nouns import it from here; `sqlite/` implements it.
 */

export {
  addDocument,
  addTerms,
  clearIndex,
  type IndexDocument,
  mergeIndex,
  removeDocument,
  removeUnusedTerms,
  resetIndex,
} from './sqlite/full-text.ts'
export { greatest } from './sqlite/greatest.ts'
export { gatherJson, inJsonArray, jsonArray, jsonArrayValues, jsonObject } from './sqlite/json.ts'
