import { expect, expectTypeOf, test } from "vitest";
import {
  type AudioEffect,
  BackgroundBlurEffect,
  BackgroundReplacementEffect,
  DeepNoiseSuppressionEffect,
  EchoCancellationEffect,
  type VideoEffectProcessor,
  VoiceIsolationEffect,
} from "../src/index.js";

const MEADOW = { backgroundImageUrl: "https://example.org/meadow.jpg" };

test.each([
  [new BackgroundBlurEffect(), "BackgroundBlur"],
  [new BackgroundBlurEffect({ intensity: 1 }), "BackgroundBlur"],
  [new BackgroundReplacementEffect(MEADOW), "BackgroundReplacement"],
  [new DeepNoiseSuppressionEffect(), "DeepNoiseSuppression"],
  [new EchoCancellationEffect(), "EchoCancellation"],
  [new VoiceIsolationEffect(), "VoiceIsolation"],
])("effect %# says its name, and that it cannot be carried out", async (effect, name) => {
  expect(effect.name).toBe(name);
  expect(await effect.isSupported()).toBe(false);
});

test("a blur is another one once it is configured", async () => {
  const effect = new BackgroundBlurEffect({ intensity: 1 });

  await effect.configure({ intensity: 0.5 });

  expect(effect.config.intensity).toBe(0.5);
});

test("a background is another one once it is configured", async () => {
  const effect = new BackgroundReplacementEffect(MEADOW);

  await effect.configure({ backgroundImageUrl: "https://example.org/shelf.jpg" });

  expect(effect.config.backgroundImageUrl).toBe("https://example.org/shelf.jpg");
});

test("what an app passes is its own: a later change of it, or of what is read back, changes nothing", () => {
  const mine = { ...MEADOW };
  const effect = new BackgroundReplacementEffect(mine);

  mine.backgroundImageUrl = "https://example.org/other.jpg";
  effect.config.backgroundImageUrl = "https://example.org/other.jpg";

  expect(effect.config).toEqual(MEADOW);
});

test("the effects are what the calling SDK's features take", () => {
  expectTypeOf<BackgroundBlurEffect>().toExtend<VideoEffectProcessor>();
  expectTypeOf<BackgroundReplacementEffect>().toExtend<VideoEffectProcessor>();
  expectTypeOf<DeepNoiseSuppressionEffect>().toExtend<AudioEffect>();
});
