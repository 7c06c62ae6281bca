/**
 * Readings that general dictionaries give differently or not at all: words with a neutral tone, and words that hold a character of
 * several readings. Whole words only. Source: 现代汉语词典 (neutral tones as in the list of the 普通话水平测试).
 */
const lines = `
东西 dong1 xi5;谢谢 xie4 xie5;先生 xian1 sheng5;学生 xue2 sheng5;朋友 peng2 you5;喜欢 xi3 huan5;知道 zhi1 dao4;时候 shi2 hou5
消息 xiao1 xi5;意思 yi4 si5;事情 shi4 qing5;关系 guan1 xi5;明白 ming2 bai5;清楚 qing1 chu5;漂亮 piao4 liang5;聪明 cong1 ming5
舒服 shu1 fu5;便宜 pian2 yi5;麻烦 ma2 fan5;衣服 yi1 fu5;窗户 chuang1 hu5;客气 ke4 qi5;认识 ren4 shi5;告诉 gao4 su5
休息 xiu1 xi5;商量 shang1 liang5;打听 da3 ting5;打算 da3 suan5;收拾 shou1 shi5;答应 da1 ying5;觉得 jue2 de5;记得 ji4 de5
认得 ren4 de5;晓得 xiao3 de5;舍得 she3 de5;舍不得 she3 bu5 de5;来得及 lai2 de5 ji2;来不及 lai2 bu5 ji2;怪不得 guai4 bu5 de5
对不起 dui4 bu5 qi3;差不多 cha4 bu5 duo1;了不起 liao3 bu5 qi3;看不见 kan4 bu5 jian4;听不懂 ting1 bu5 dong3;大夫 dai4 fu5
眼睛 yan3 jing5;耳朵 er3 duo5;鼻子 bi2 zi5;头发 tou2 fa5;嘴巴 zui3 ba5;脑袋 nao3 dai5;指甲 zhi1 jia5;胳膊 ge1 bo5;屁股 pi4 gu5
爸爸 ba4 ba5;妈妈 ma1 ma5;哥哥 ge1 ge5;弟弟 di4 di5;姐姐 jie3 jie5;妹妹 mei4 mei5;爷爷 ye2 ye5;奶奶 nai3 nai5;叔叔 shu1 shu5
姥姥 lao3 lao5;姑姑 gu1 gu5;舅舅 jiu4 jiu5;太太 tai4 tai5;宝宝 bao3 bao5;娃娃 wa2 wa5;星星 xing1 xing5;猩猩 xing1 xing5
孩子 hai2 zi5;桌子 zhuo1 zi5;椅子 yi3 zi5;房子 fang2 zi5;杯子 bei1 zi5;鞋子 xie2 zi5;裤子 ku4 zi5;帽子 mao4 zi5;票子 piao4 zi5
儿子 er2 zi5;妻子 qi1 zi5;日子 ri4 zi5;样子 yang4 zi5;句子 ju4 zi5;饺子 jiao3 zi5;包子 bao1 zi5;筷子 kuai4 zi5;盘子 pan2 zi5
电子 dian4 zi3;分子 fen1 zi3;原子 yuan2 zi3;王子 wang2 zi3;男子 nan2 zi3;女子 nv3 zi3;君子 jun1 zi3;子女 zi3 nv3;孔子 kong2 zi3
哪里 na2 li5;那里 na4 li5;这里 zhe4 li5;什么 shen2 me5;怎么 zen3 me5;那么 na4 me5;这么 zhe4 me5;多么 duo1 me5;为什么 wei4 shen2 me5
我们 wo3 men5;你们 ni3 men5;他们 ta1 men5;她们 ta1 men5;它们 ta1 men5;咱们 zan2 men5;人们 ren2 men5;同学们 tong2 xue2 men5
晚上 wan3 shang5;早上 zao3 shang5;地上 di4 shang5;身上 shen1 shang5;路上 lu4 shang5;马上 ma3 shang4;上面 shang4 mian4
里面 li3 mian4;外面 wai4 mian4;前边 qian2 bian5;后边 hou4 bian5;左边 zuo3 bian5;右边 you4 bian5;旁边 pang2 bian1
力气 li4 qi5;脾气 pi2 qi5;运气 yun4 qi5;天气 tian1 qi4;福气 fu2 qi5;名字 ming2 zi5;功夫 gong1 fu5;工夫 gong1 fu5;豆腐 dou4 fu5
葡萄 pu2 tao5;萝卜 luo2 bo5;玻璃 bo1 li5;月亮 yue4 liang5;太阳 tai4 yang5;云彩 yun2 cai5;棉花 mian2 hua5;石头 shi2 tou5
木头 mu4 tou5;馒头 man2 tou5;骨头 gu3 tou5;里头 li3 tou5;念头 nian4 tou5;丈夫 zhang4 fu5;亲戚 qin1 qi5;师傅 shi1 fu5
大方 da4 fang5;地道 di4 dao5;老实 lao3 shi5;厉害 li4 hai5;热闹 re4 nao5;暖和 nuan3 huo5;凉快 liang2 kuai5;干净 gan1 jing4
结实 jie1 shi5;合适 he2 shi4;糊涂 hu2 tu5;胡同 hu2 tong4;相声 xiang4 sheng5;故事 gu4 shi5;本事 ben3 shi5;生意 sheng1 yi5
主意 zhu3 yi5;点心 dian3 xin5;规矩 gui1 ju5;动静 dong4 jing5;困难 kun4 nan5;部分 bu4 fen5;比方 bi3 fang5;地方 di4 fang5
行李 xing2 li5;钥匙 yao4 shi5;牌楼 pai2 lou5;招呼 zhao1 hu5;称呼 cheng1 hu5;心思 xin1 si5;态度 tai4 du4;薄荷 bo4 he5
少爷 shao4 ye5;老爷 lao3 ye5;小姐 xiao2 jie5;姑娘 gu1 niang5;媳妇 xi2 fu5;和尚 he2 shang5;裁缝 cai2 feng5;护士 hu4 shi5
有空 you3 kong4;没空 mei2 kong4;抽空 chou1 kong4;空闲 kong4 xian2;空白 kong4 bai2;处长 chu4 zhang3;还钱 huan2 qian2
还书 huan2 shu1;还给 huan2 gei3;还款 huan2 kuan3;归还 gui1 huan2;退还 tui4 huan2;朝阳 chao2 yang2;重庆 chong2 qing4;都市 du1 shi4
中奖 zhong4 jiang3;当作 dang4 zuo4;上当 shang4 dang4;角色 jue2 se4;倔强 jue2 jiang4;勉强 mian3 qiang3;模样 mu2 yang4;供给 gong1 ji3
给予 ji3 yu3;长大 zhang3 da4;成长 cheng2 zhang3;生长 sheng1 zhang3;增长 zeng1 zhang3;家长 jia1 zhang3;擅长 shan4 chang2
好客 hao4 ke4;爱好 ai4 hao4;好奇 hao4 qi2;好学 hao4 xue2;教书 jiao1 shu1;教课 jiao1 ke4;应该 ying1 gai1;应用 ying4 yong4
血液 xue4 ye4;下载 xia4 zai4;记载 ji4 zai3;载重 zai4 zhong4;创伤 chuang1 shang1;尽管 jin3 guan3;尽快 jin3 kuai4;几乎 ji1 hu1
茶几 cha2 ji1;系鞋带 ji4 xie2 dai4;曲子 qu3 zi5;弯曲 wan1 qu1;冠军 guan4 jun1;宁可 ning4 ke3;答复 da2 fu4;回答 hui2 da2
累计 lei3 ji4;积累 ji1 lei3;银行 yin2 hang2;行业 hang2 ye4;行列 hang2 lie4;发型 fa4 xing2;理发 li3 fa4;头发丝 tou2 fa4 si1
划船 hua2 chuan2;计划 ji4 hua4;宿舍 su4 she4;露天 lu4 tian1;暴露 bao4 lu4;说服 shuo1 fu2;游说 you2 shui4;传记 zhuan4 ji4
自传 zi4 zhuan4;公差 gong1 chai1;出差 chu1 chai1;差别 cha1 bie2;差距 cha1 ju4;参差 cen1 ci1;西藏 xi1 zang4;收藏 shou1 cang2
行长 hang2 zhang3;银行行长 yin2 hang2 hang2 zhang3;数一数 shu3 yi5 shu3;数数 shu3 shu4;数字 shu4 zi4
厦门 xia4 men2;大厦 da4 sha4;六安 lu4 an1;台州 tai1 zhou1;蚌埠 beng4 bu4;乐清 yue4 qing1;渑池 mian3 chi2;燕山 yan1 shan1
`;

export const wordReadings: ReadonlyMap<string, readonly string[]> = new Map(
  lines
    .split(/[;\n]/)
    .filter((entry) => entry.trim() !== "")
    .map((entry) => {
      const [word, ...syllables] = entry.trim().split(" ");
      return [word as string, syllables];
    }),
);

/** Words whose final 儿 is a syllable of its own. */
export const nonRhotic: ReadonlySet<string> = new Set(
  "女儿 婴儿 幼儿 少儿 孤儿 胎儿 男儿 健儿 宠儿 混血儿 低能儿 弃儿 患儿 新生儿 早产儿 育儿 托儿 小儿 生儿 乳儿 产儿 孙儿 侄儿 妻儿 儿".split(
    " ",
  ),
);
