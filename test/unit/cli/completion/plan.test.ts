// What may stand where the cursor is?
import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { planCompletion } from '../../../../cli/completion/plan.ts';
import { addGlobalFlags } from '../../../../cli/flags.ts';

function aProgram(): Command {
  const program = addGlobalFlags(new Command());
  program.command('get').argument('[name]').option('-w, --watch').description('claims');
  program.command('explain').alias('describe').argument('<name>');
  program
    .command('wait')
    .argument('<names...>')
    .addOption(new Option('--for <goal>').choices(['ready']));
  program.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
  program.command('secret', { hidden: true });
  return program;
}

function complete(line: string): string[] {
  const { plan } = planCompletion(aProgram(), line.split(' '));
  return plan.kind === 'words' ? plan.words.map(({ word }) => word) : [`<${plan.kind}>`];
}

describe('completion', () => {
  it.each<[string, string[]]>([
    ['', ['get', 'explain', 'wait', 'completion', 'help']],
    ['e', ['explain']],
    ['get ', ['<claims>']],
    ['describe pi', ['<claims>']],
    ['get pictures ', ['<nothing>']],
    ['wait a b ', ['<claims>']],
    ['wait --for ', ['ready']],
    ['wait --for ready ', ['<claims>']],
    ['completion z', ['zsh']],
    ['-n ', ['<namespaces>']],
    ['get --namespace sh', ['<namespaces>']],
    ['-n shop ', ['get', 'explain', 'wait', 'completion', 'help']],
    ['get -n shop -A pi', ['<claims>']],
    ['get --namespace=shop pi', ['<claims>']],
    ['--context ', ['<contexts>']],
    ['--kubeconfig ', ['<files>']],
    ['-o ', ['json', 'yaml', 'wide', 'name']],
    ['-l ', ['<nothing>']],
    ['get --w', ['--watch']],
    ['get --no', ['--no-color']],
    ['--namespace=sh', ['<namespaces>']],
    ['get --context=', ['<contexts>']],
    ['--kubeconfig=/', ['<files>']],
    ['get --output=y', ['yaml']],
    ['wait --for=', ['ready']],
    ['get --watch=', []],
    ['nothing-of-ours x', []],
  ])('of "%s" is %j', (line, words) => {
    expect(complete(line)).toEqual(words);
  });

  it('looks names up where the flags before the cursor say', () => {
    const { given } = planCompletion(aProgram(), ['--context=a', 'get', '-n', 'shop', '']);
    expect(given).toEqual({ context: 'a', namespace: 'shop' });
  });
});
