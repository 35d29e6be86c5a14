// Is the Temporal server that the chart brings enough to try it out? (the release is put back)
import { expect, it } from 'vitest';
import { expectNothingLeft } from '../nothing-left.ts';
import { ROOT_PATH, Scenario } from '../scenario.ts';
import { Product } from './product.ts';

const timeoutMs = 600_000;

it(
  'a claim lives its life on the development server that the chart installs',
  async () => {
    await using product = await Product.open();
    await product.uninstall();
    await product.installCurrent('temporal.devServer.enabled=true');
    await using scenario = await Scenario.create('dev-server');
    const pod = await scenario.runningPod();

    const claim = await scenario.readyClaim();

    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
    const { status, stdout } = await product.test();
    expect({ status, stdout }).toMatchObject({ status: 0 });
    await claim.delete();
    await expectNothingLeft(scenario);
  },
  timeoutMs,
);
