export { autoRecipe, FEW_STEPS, RECIPES, type Recipe, type RecipeName } from './recipe/recipe.js';
export { RESULTS_HEADER, resultsRow } from './results-csv.js';
