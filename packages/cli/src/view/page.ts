/** The page: one picture that the server keeps replacing. */
export const VIEW_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>froyolo detect</title>
<style>
  html, body { height: 100%; margin: 0; background: #14171a; }
  img { display: block; width: 100%; height: 100%; object-fit: contain; }
</style>
<img src="/stream" alt="What is being detected">
</html>
`;
