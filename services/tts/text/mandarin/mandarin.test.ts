import { beforeAll, describe, expect, it } from "vitest";
import type { Pronunciation } from "../../backends/backend.ts";
import { readMandarin } from "./mandarin.ts";
import { createSegmenter, type Segmenter } from "./segmenter.ts";

/** Expected readings are as spoken: after tone sandhi, 5 neutral, r for 儿化. From dictionaries and grammars, not from the code. */
describe("reading Mandarin", () => {
  let segment: Segmenter;
  beforeAll(() => {
    segment = createSegmenter();
  });
  it("reads a respelling once, however often it is said", () => {
    const asked: string[] = [];
    const counting: Segmenter = (text) => {
      asked.push(text);
      return segment(text);
    };
    const parts = readMandarin("六安，六安，六安", counting, [{ written: "六安", spoken: { respelling: "路安" } }]);
    expect(asked).toEqual(["路安"]);
    const words = parts.filter((part) => part.kind === "mandarin");
    expect(words.map(({ word, from, to }) => [word.word, from, to])).toContainEqual([words[0]?.word.word, 6, 8]);
  });

  it.each<[string, Pronunciation["spoken"]]>([
    ["respellings", { respelling: "好".repeat(160) }],
    ["syllables", { phones: Array(40).fill("hao3").join(" ") }],
  ])("refuses a clause that the dictionary makes too long: %s", (_name, spoken) =>
    expect(() => readMandarin("一".repeat(1_000), segment, [{ written: "一", spoken }])).toThrow(
      expect.objectContaining({ reason: "TEXT_TOO_LONG" }),
    ),
  );

  const read = (text: string) =>
    readMandarin(text, segment)
      .flatMap((part) => {
        if (part.kind === "mandarin")
          return part.word.syllables.map(({ letters, tone, rhotic }) => `${letters}${rhotic ? "r" : ""}${tone}`);
        return part.kind === "latin" ? [part.text] : part.mark === " " ? [] : [part.mark];
      })
      .join(" ");

  it.each([
    ["银行行长", "yin2 hang2 hang2 zhang3"],
    ["他长得很高", "ta1 zhang3 de5 hen3 gao1"],
    ["孩子长大了", "hai2 zi5 zhang3 da4 le5"],
    ["重庆的重量重新计算", "chong2 qing4 de5 zhong4 liang4 chong2 xin1 ji4 suan4"],
    ["音乐使人快乐", "yin1 yue4 shi3 ren2 kuai4 le4"],
    ["着急的人睡着了", "zhao2 ji2 de5 ren2 shui4 zhao2 le5"],
    ["你得去医院", "ni2 dei3 qu4 yi1 yuan4"],
    ["跑得快", "pao3 de5 kuai4"],
    ["慢慢地走", "man4 man4 de5 zou3"],
    ["这块地很大", "zhe4 kuai4 di4 hen3 da4"],
    ["他还有钱没还", "ta1 hai2 you3 qian2 mei2 huan2"],
    ["还钱", "huan2 qian2"],
    ["都市里的人都来了", "du1 shi4 li3 de5 ren2 dou1 lai2 le5"],
    ["为什么为人民服务", "wei4 shen2 me5 wei4 ren2 min2 fu2 wu4"],
    ["大夫说的大小", "dai4 fu5 shuo1 de5 da4 xiao3"],
    ["参差不齐", "cen1 ci1 bu4 qi2"],
    ["人参和参加", "ren2 shen1 he2 can1 jia1"],
    ["便宜又方便", "pian2 yi5 you4 fang1 bian4"],
    ["处长处理文件", "chu4 zhang3 chu2 li3 wen2 jian4"],
    ["中奖的中间人", "zhong4 jiang3 de5 zhong1 jian1 ren2"],
    ["降落和投降", "jiang4 luo4 he2 tou2 xiang2"],
    ["调查与调整", "diao4 cha2 yu3 tiao2 zheng3"],
    ["的确有目的", "di2 que4 you3 mu4 di4"],
    ["勉强和倔强", "mian2 qiang3 he2 jue2 jiang4"],
    ["曾经姓曾", "ceng2 jing1 xing4 zeng1"],
    ["单老师姓单", "shan4 lao3 shi1 xing4 shan4"],
    ["西藏收藏", "xi1 zang4 shou1 cang2"],
    ["行李在银行", "xing2 li5 zai4 yin2 hang2"],
    ["教师教书", "jiao4 shi1 jiao1 shu1"],
    ["血液和流血", "xue4 ye4 he2 liu2 xue4"],
    ["朝阳区", "chao2 yang2 qu1"],
    ["长江很长", "chang2 jiang1 hen3 chang2"],
    ["数一数数字", "shu3 yi5 shu3 shu4 zi4"],
    ["角色的角度", "jue2 se4 de5 jiao3 du4"],
    ["说服大家", "shuo1 fu2 da4 jia1"],
    ["厦门大厦", "xia4 men2 da4 sha4"],
    ["好奇的好人", "hao4 qi2 de5 hao3 ren2"],
    ["模样和模型", "mu2 yang4 he2 mo2 xing2"],
    ["应该应用", "ying1 gai1 ying4 yong4"],
    ["转身转动", "zhuan3 shen1 zhuan4 dong4"],
  ])("chooses among several readings: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["一个", "yi2 ge4"],
    ["一天", "yi4 tian1"],
    ["一年", "yi4 nian2"],
    ["一起", "yi4 qi3"],
    ["第一", "di4 yi1"],
    ["第一个", "di4 yi1 ge4"],
    ["星期一", "xing1 qi1 yi1"],
    ["统一", "tong3 yi1"],
    ["看一看", "kan4 yi5 kan4"],
    ["一月一号", "yi1 yue4 yi1 hao4"],
    ["十一个", "shi2 yi1 ge4"],
    ["一百一十一", "yi4 bai3 yi1 shi2 yi1"],
    ["二零一一年", "er4 ling2 yi1 yi1 nian2"],
    ["一万", "yi2 wan4"],
    ["一定", "yi2 ding4"],
    ["一下", "yi2 xia4"],
    ["不是", "bu2 shi4"],
    ["不好", "bu4 hao3"],
    ["不对", "bu2 dui4"],
    ["不去不行", "bu2 qu4 bu4 xing2"],
    ["是不是", "shi4 bu5 shi4"],
    ["好不好", "hao3 bu5 hao3"],
    ["对不起", "dui4 bu5 qi3"],
  ])("changes the tone of 一 and 不: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["你好", "ni2 hao3"],
    ["我很好", "wo3 hen2 hao3"],
    ["展览馆", "zhan2 lan2 guan3"],
    ["小老虎", "xiao3 lao2 hu3"],
    ["请给我水", "qing2 gei3 wo2 shui3"],
    ["可以", "ke2 yi3"],
    ["水果", "shui2 guo3"],
    ["老板", "lao2 ban3"],
    ["好，我走", "hao3 , wo2 zou3"],
    ["姐姐", "jie3 jie5"],
    ["哪里", "na2 li5"],
  ])("lets a low tone rise before another: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["东西", "dong1 xi5"],
    ["谢谢爷爷", "xie4 xie5 ye2 ye5"],
    ["桌子上的杯子", "zhuo1 zi5 shang4 de5 bei1 zi5"],
    ["我们的朋友", "wo3 men5 de5 peng2 you5"],
    ["来了吗", "lai2 le5 ma5"],
    ["什么意思", "shen2 me5 yi4 si5"],
    ["漂亮的衣服", "piao4 liang5 de5 yi1 fu5"],
    ["电子和原子", "dian4 zi3 he2 yuan2 zi3"],
  ])("gives unstressed syllables a neutral tone: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["花儿", "huar1"],
    ["一点儿", "yi4 dianr3"],
    ["这儿没事儿", "zher4 mei2 shir4"],
    ["女儿", "nv3 er2"],
    ["儿子", "er2 zi5"],
    ["幼儿园", "you4 er2 yuan2"],
  ])("joins a rhotic 儿 to its syllable: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["博物館幾點開門？", "bo2 wu4 guan3 ji2 dian3 kai1 men2 ?"],
    ["頭髮和發展", "tou2 fa5 he2 fa1 zhan3"],
    ["皇后在後面", "huang2 hou4 zai4 hou4 mian4"],
    ["銀行裡的錢", "yin2 hang2 li3 de5 qian2"],
  ])("reads traditional characters: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["用WiFi上网", "yong4 WiFi shang4 wang3"],
    ["打开App Store", "da3 kai1 App Store"],
    ["2024年有365天", "er4 ling2 er4 si4 nian2 you3 san1 bai3 liu4 shi2 wu3 tian1"],
    ["票价¥2", "piao4 jia4 liang3 yuan2"],
    ["5G手机", "wu3 G shou3 ji1"],
  ])("reads numbers and leaves Latin words: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it("keeps marks and says nothing for the rest", () => {
    expect(read("“你好”，他说：《红楼梦》！🙂")).toBe("“ ni2 hao3 ” , ta1 shuo1 : “ hong2 lou2 meng4 ” !");
    expect(read("👩‍👩‍👧‍👦☃︎†‡§¶")).toBe("");
  });
});
