import { describe, expect, it } from "vitest";
import { mapText } from "./mapped-text.ts";
import { normalizeMandarin } from "./normalize.ts";

const read = (text: string) => normalizeMandarin(mapText(text)).text.replace(/\s+/g, " ").trim();

describe("Mandarin text normalisation", () => {
  it.each([
    ["共有10305人", "共有一万零三百零五人"],
    ["他有2个苹果和12个梨", "他有两个苹果和十二个梨"],
    ["人口是1,412,000,000", "人口是十四亿一千二百万"],
    ["约20万人", "约二十万人"],
    ["100多个", "一百多个"],
    ["2000元和200元", "两千元和二百元"],
    ["圆周率是3.14159", "圆周率是三点一四一五九"],
    ["1001夜", "一千零一夜"],
    ["10010", "一万零一十"],
    ["100000000", "一亿"],
    ["订单123456789", "订单幺二三四五六七八九"],
    ["编号007", "编号零零七"],
  ])("reads numbers: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["2024年3月5日", "二零二四年三月五日"],
    ["2024-03-05", "二零二四年三月五日"],
    ["2024/12/31开幕", "二零二四年十二月三十一日开幕"],
    ["1998-2004年", "一九九八到二零零四年"],
    ["08年奥运会", "零八年奥运会"],
    ["90年代", "九十年代"],
    ["等了2年", "等了两年"],
    ["2年级", "二年级"],
    ["2月2号", "二月二号"],
    ["9:30开门", "九点三十分开门"],
    ["14:05出发", "十四点零五分出发"],
    ["8:00-17:30", "八点到十七点三十分"],
    ["2:00", "两点"],
    ["3:00 pm", "下午三点"],
    ["12:30:45", "十二点三十分四十五秒"],
    ["比分是3:2", "比分是三比二"],
    ["以21:19战胜", "以二十一比十九战胜"],
  ])("reads dates and times: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["票价¥12.50", "票价十二点五元"],
    ["$30", "三十美元"],
    ["€3.5亿", "三点五亿欧元"],
    ["50%", "百分之五十"],
    ["下降0.5%", "下降百分之零点五"],
    ["10%-20%", "百分之十到百分之二十"],
    ["1/3的人", "三分之一的人"],
    ["25℃", "二十五摄氏度"],
    ["-5°C", "零下五摄氏度"],
    ["限速120km/h", "限速一百二十公里每小时"],
    ["2kg大米", "两公斤大米"],
    ["80㎡", "八十平方米"],
    ["3-5天", "三到五天"],
    ["10~20人", "十到二十人"],
    ["第3名", "第三名"],
    ["No.5", "第五"],
    ["3×4=12", "三乘四等于十二"],
  ])("reads money, shares, units and ranges: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["请拨打13800138000", "请拨打幺三八，零零幺三，八零零零"],
    ["电话：010-12345678", "电话：零幺零，幺二三四五六七八"],
    ["拨打110", "拨打幺幺零"],
    ["住在301室", "住在三零幺室"],
    ["空客A320", "空客A三二零"],
    ["5G和4K", "五G和四K"],
    ["iPhone 15", "iPhone 十五"],
    ["COVID-19", "COVID十九"],
    ["PM2.5", "PM二点五"],
    ["B2B", "B2B"],
    ["版本1.2.3", "版本一点二点三"],
    ["www.museum.cn", "museum 点 cn"],
    ["写信到info@troupe.dev", "写信到 info 艾特 troupe 点 dev"],
    ["[预约](https://a.b/c)页面", "预约页面"],
  ])("reads codes and addresses: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it.each([
    ["ＡＢＣ１２３", "ABC幺二三"],
    ["你好🙂！！！", "你好 ！"],
    ["男/女", "男，女"],
    ["等等......", "等等…"],
    ["李\u200b明\u0007", "李明"],
  ])("tidies characters and signs: %s", (text, spoken) => expect(read(text)).toBe(spoken));

  it("remembers where everything was written", () => {
    const { text, from, to } = normalizeMandarin(mapText("在2024年开门"));
    expect(text).toBe("在二零二四年开门");
    expect([from[1], to[1], from[4], to[4]]).toEqual([1, 5, 1, 5]);
    expect([from[5], to[5]]).toEqual([5, 6]);
  });

  it("reads hostile text in no time", () => {
    for (const piece of ["一", "1", "1.", "1,", "-", "1:", "¥", "a1", "[](<", "1/", "，", "2024-", "@a."]) {
      expect(read(piece.repeat(1_000).slice(0, 1_000))).toBeTypeOf("string");
    }
  }, 5_000);
});
