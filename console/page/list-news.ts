// What does an explanation tell that was not told yet? (pure)

/** The lines that do not repeat what was told; all of them if nothing else is left. */
export function listNews(explanation: string, told: string): string[] {
  const lines = explanation.split('\n').filter((line) => line.trim() !== '');
  const news = lines.filter((line) => told === '' || !line.includes(told));
  return news.length > 0 ? news : lines;
}
