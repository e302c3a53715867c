// Which question stands on which line: the server's answer names lines and quotes nobody.

/** The first line counts as 1; a row may go over several lines, and begins on the first of them. */
export function linesOf(csv) {
  const rows = rowsOf(csv);
  const place = (rows[0] || { cells: [] }).cells.findIndex((name) => name.trim().toLowerCase() === 'query');
  return new Map(rows.slice(1).map(({ line, cells }) => [line, cells[place] || '']));
}

function rowsOf(csv) {
  const rows = [];
  let line = 1;
  let row = { line, cells: [''] };
  let quoted = false;
  for (let place = 0; place < csv.length; place += 1) {
    const sign = csv[place];
    if (sign === '"' && quoted && csv[place + 1] === '"') {
      row.cells[row.cells.length - 1] += '"';
      place += 1;
    } else if (sign === '"') {
      quoted = !quoted;
    } else if (sign === ',' && !quoted) {
      row.cells.push('');
    } else if (sign === '\n' && !quoted) {
      line += 1;
      rows.push(row);
      row = { line, cells: [''] };
    } else if (sign !== '\r' || quoted) {
      if (sign === '\n') line += 1;
      row.cells[row.cells.length - 1] += sign;
    }
  }
  return [...rows, row];
}
