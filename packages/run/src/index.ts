export { autoRecipe, FEW_STEPS, RECIPES, type Recipe, type RecipeName } from './recipe/recipe.js';
export { resultsHeader, resultsRow } from './results-csv.js';
