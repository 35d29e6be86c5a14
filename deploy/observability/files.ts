// Which files do the rules and the dashboard become? (parts of the chart; each is of use without it, too)
import { stringify } from 'yaml';
import { buildRuleGroups } from './alerts.ts';
import { buildDashboard } from './dashboard.ts';

/** Path, relative to the checkout, and content of every file that is generated from here. */
export function buildObservabilityFiles(): { file: string; content: string }[] {
  const rules = stringify({ groups: buildRuleGroups() }, { lineWidth: 0 });
  return [
    {
      file: 'deploy/chart/observability/alerts.yaml',
      content: `# Generated from deploy/observability/ by \`npm run generate\`; do not edit.\n${rules}`,
    },
    {
      file: 'deploy/chart/observability/dashboard.json',
      content: `${JSON.stringify(buildDashboard(), undefined, 2)}\n`,
    },
  ];
}
