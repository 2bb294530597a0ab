export { SettingsError } from './errors.js';
export { type FormField, formFields, readField } from './fields.js';
export { flagOf, flagSyntax, shownDefault } from './flags.js';
export {
  byteSize,
  type Control,
  choice,
  duration,
  fraction,
  type Kind,
  list,
  parseByteSize,
  parseDuration,
  selector,
  text,
  textOrTrue,
  toggle,
  whole,
} from './kinds.js';
export { differingSettings, recipeOf, type StudyRecipe } from './recipe.js';
export { checkOptions, checkValue, resolveSettings } from './resolve.js';
export { differencesInRun, type ResumedSettings, resumeSettings } from './resume.js';
export {
  defaultIn,
  type OptionsOf,
  type Relation,
  type Row,
  rowsIn,
  type SettingsOf,
  setting,
  type Table,
} from './row.js';
export {
  type CompareOptions,
  type CompareSettings,
  type DetectOptions,
  type DetectSettings,
  type PageSettings,
  type PlanOptions,
  type PlanSettings,
  SETTINGS,
  type TrainOptions,
  type TrainSettings,
  type ValidateOptions,
  type ValidateSettings,
} from './table.js';
