"""The rules reader, through the public interface, on sentences whose right answer a person can see."""

from dataclasses import replace

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.causalmap import FactorType, MentionKind, Modality, Relation, Span
from ftzgraph.errors import FtzgraphError
from ftzgraph.extraction import PIPELINE, extract, pipeline
from ftzgraph.extraction.coverage import gaps_of
from ftzgraph.reading import read_text

P, C, E, R, G, A = FactorType


def read(text):
    """The causal map of a text, and functions that name its factors by their words."""
    return extract(read_text(text), engine="rules")


def quotes(causal_map, *types):
    text = causal_map.document.text
    return [text[f.span.start : f.span.end] for f in causal_map.factors if not types or f.type in types]


def linked(causal_map, relation):
    text = causal_map.document.text
    words = [text[f.span.start : f.span.end] for f in causal_map.factors]
    return [(words[x.source], words[x.target]) for x in causal_map.links if x.relation is relation]


def factor(causal_map, words):
    text = causal_map.document.text
    return next(f for f in causal_map.factors if text[f.span.start : f.span.end] == words)


@pytest.mark.parametrize(
    ("text", "quote", "kind"),
    [
        ("基层检测力量有待充实。", "基层检测力量有待充实", P),
        ("此外，县级医院缺乏专科医生。", "县级医院缺乏专科医生", P),
        ("由于设备老化，产量逐年下滑。", "设备老化", C),
        ("各地应当公开抽检结果。", "公开抽检结果", R),
        ("要加快建立统一的数据目录。", "加快建立统一的数据目录", R),
        ("园区可以考虑放宽入驻条件。", "放宽入驻条件", R),
        ("通关一体化改革取得明显成效。", "通关一体化改革取得明显成效", A),
        ("我们建成三座水厂，为全年供水提供了坚强保障。", "为全年供水提供了坚强保障", A),
        ("要建成三座水厂，为全年供水提供坚强保障。", "为全年供水提供坚强保障", G),
        ("要加固堤防，确保安全度汛。", "安全度汛", G),
        ("各片区不得自行设定落户门槛。", "各片区不得自行设定落户门槛", R),
        ("货主只好改走邻省的口岸。", "货主只好改走邻省的口岸", E),
        ("两个区少收水资源费320万元。", "两个区少收水资源费320万元", E),
        ("边民收入连年下降。", "边民收入连年下降", P),
        ("中小茶企难以获得出口资质。", "中小茶企难以获得出口资质", P),
        ("检测标准不统一，中小茶企难以获得出口资质。", "中小茶企难以获得出口资质", E),
        ("检测标准不统一，但中小茶企难以获得出口资质。", "中小茶企难以获得出口资质", P),
        ("仓储能力不足，库存资金达到3亿元。", "库存资金达到3亿元", E),
        ("个别国家频繁对我出口的自行车加征关税。", "个别国家频繁对我出口的自行车加征关税", P),
    ],
)
def test_a_clause_has_the_type_its_cue_says(text, quote, kind):
    assert quote in quotes(read(text), kind)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("万元产值用水量连年下降。", "万元产值用水量连年下降"),  # that is good news
        ("对今后工作提出建议。", "对今后工作提出建议"),
        ("国际贸易单一窗口服务大厅设在海关。", "国际贸易单一窗口服务大厅设在海关"),
        ("经检查没有问题。", "经检查没有问题"),
    ],
)
def test_a_word_that_looks_like_a_cue_says_nothing(text, quote):
    assert quote not in quotes(read(text))


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("整改期间，园区加装除臭设备。\n", ""),
        ("要增设夜间窗口，打消商户顾虑。\n", "打消商户顾虑"),
        ("三、整改措施\n各镇成立联合巡查队，避免反弹。\n", "避免反弹"),
        ("三、整改措施\n避免反弹，各镇成立联合巡查队。\n", ""),
    ],
)
def test_the_outcome_that_ends_a_run_is_a_goal(text, goal):
    assert quotes(read(text), G) == [goal] * bool(goal)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("完善统计方法，及时公布数据。", ["完善统计方法", "及时公布数据"]),
        ("取消各类证明，及其附带的收费。", ["取消各类证明，及其附带的收费"]),
        ("进口通关压缩至三十小时，新增航线两条。", ["进口通关压缩至三十小时", "新增航线两条"]),
        ("对长期停产的企业，暂缓征收。", ["对长期停产的企业，暂缓征收"]),
        ("市水利局作为采砂主管部门，监管流于形式。", ["市水利局作为采砂主管部门，监管流于形式"]),
        ("渠道被冲毁等无法正常灌溉。", ["渠道被冲毁等", "无法正常灌溉"]),
        ("以推动数据互通为主线，做强口岸。", ["推动数据互通", "做强口岸"]),
        ("以项目为抓手，做强口岸。", ["做强口岸"]),
        ("对决策失误造成重大损失的要倒查追责。", ["对决策失误造成重大损失的要倒查追责"]),
        ("决策失误造成重大损失。", ["决策失误", "重大损失"]),
    ],
)
def test_a_sentence_is_cut_where_something_whole_is_said(text, clauses):
    doc = pipeline("rules")(text)
    assert [span.text for span in doc.spans["clauses"]] == clauses


def test_a_mark_of_progress_is_nothing():
    m = read("整改措施\n建立巡查制度。整改情况：建立巡查制度，持续推进中。长期坚持。")
    assert set(quotes(m)) == {"建立巡查制度"}


def test_what_is_demanded_is_more_than_a_mark_of_progress():
    assert quotes(read("对发现的问题，必须立行立改。建章立制，要长期坚持。"), R) == ["立行立改", "长期坚持"]


def test_seeing_and_saying_are_not_demanded():
    m = read("应当看到，物流成本偏高。需要说明的是，平台规则不透明。")
    assert quotes(m, R) == []
    assert quotes(m, P) == ["物流成本偏高", "平台规则不透明"]


def test_a_modal_without_a_verb_of_action_demands_nothing():
    assert quotes(read("会诊一次要重报一套材料，查一个数要跑三个部门。"), R) == []


def test_what_is_laid_down_keeps_its_verb():
    assert quotes(read("各区要明确管护主体。方案明确了三项任务。"), R) == ["明确管护主体"]


def test_better_means_are_remedies_where_another_outcome_follows():
    m = read("要建立动态调整机制，提高统筹层次，保障基本生活。")
    assert quotes(m, G) == ["保障基本生活"]
    assert "提高统筹层次" in quotes(m, R)
    assert quotes(read("要建立动态调整机制，提高统筹层次。"), G) == ["提高统筹层次"]


def test_a_sanction_is_a_remedy_whatever_it_punishes():
    assert quotes(read("对违规套取资金的，依法追究责任。"), R) == ["对违规套取资金的，依法追究责任"]


def test_background_is_nothing():
    assert quotes(read("本办法所称园区，是指经省政府批准设立的特定区域。会议于三月在省城举行。")) == []


def test_the_outcome_behind_its_remedies_is_their_goal():
    m = read("要完善定价规则，压实部门责任，促进公平竞争。")
    assert quotes(m, G) == ["促进公平竞争"]
    assert linked(m, Relation.AIMS_AT) == [("完善定价规则", "促进公平竞争"), ("压实部门责任", "促进公平竞争")]


def test_bring_about_links_cause_and_effect_without_its_own_words():
    m = read("部门之间的数据标准不统一，导致企业重复报送材料。")
    assert linked(m, Relation.CAUSES) == [("部门之间的数据标准不统一", "企业重复报送材料")]


def test_a_chain_is_linked_step_by_step():
    m = read("编制长期紧缺，导致窗口人手不足，从而造成群众排队时间过长。")
    assert linked(m, Relation.CAUSES) == [("编制长期紧缺", "窗口人手不足"), ("窗口人手不足", "群众排队时间过长")]


def test_one_reason_fans_out_over_what_follows():
    m = read("由于历史欠账较多，管网改造缓慢，内涝问题依然突出。")
    assert {("历史欠账较多", "管网改造缓慢"), ("历史欠账较多", "内涝问题依然突出")} <= set(linked(m, Relation.CAUSES))


def test_a_motive_explains_what_is_done_and_not_what_comes_of_it():
    m = read("为了完成指标，个别乡镇虚报种植面积，补贴资金被骗取。")
    assert ("完成指标", "个别乡镇虚报种植面积") in linked(m, Relation.CAUSES)
    assert ("完成指标", "补贴资金被骗取") not in linked(m, Relation.CAUSES)


def test_a_reason_named_after_its_effect_points_back():
    m = read("农户种粮意愿下降。究其原因，是化肥价格过高。")
    assert linked(m, Relation.CAUSES) == [("化肥价格过高", "农户种粮意愿下降")]


def test_a_selfish_motive_explains_the_harm_that_is_done():
    m = read("一些国家为保住自身的垄断利润，打压我国医疗器械企业。")
    assert linked(m, Relation.CAUSES) == [("保住自身的垄断利润", "打压我国医疗器械企业")]
    assert quotes(read("要坚决反制对我国企业的制裁。"), P) == []


def test_a_denied_reason_is_not_linked():
    m = read("项目进展缓慢，并非由于资金不足。")
    assert linked(m, Relation.CAUSES) == []


def test_a_connective_inside_a_word_is_none():
    m = read("自由贸易规则不完善，因素分析不足。")
    assert linked(m, Relation.CAUSES) == []


def test_conditions_predictions_and_demands_keep_their_modality():
    m = read(
        "一、主要问题\n如果监管长期缺位，就会损害消费者利益。\n二、政策建议\n必须尽快修订办法，可以考虑设立专项基金。\n"
    )
    assert factor(m, "监管长期缺位").modality is Modality.CONDITIONAL
    assert factor(m, "尽快修订办法").modality is Modality.DEMANDED
    assert factor(m, "设立专项基金").modality is Modality.PERMITTED
    assert (
        factor(read("老龄化必将给医保基金带来巨大压力。"), "老龄化必将给医保基金带来巨大压力").modality
        is Modality.PREDICTED
    )


def test_a_heading_is_a_factor_and_its_body_is_part_of_it():
    text = "一、存在的问题\n（一）监管力量薄弱\n乡镇没有专职检查员，县里的快检设备长期闲置。\n"
    m = read(text)
    assert ("县里的快检设备长期闲置", "监管力量薄弱") in linked(m, Relation.PART_OF)
    assert "存在的问题" not in quotes(m)


def test_the_remedy_right_behind_therefore_answers_what_stood_before():
    m = read("乡镇缺乏专职检查员。因此，必须充实基层执法队伍，并且要建立统一的数据目录。")
    assert ("充实基层执法队伍", "乡镇缺乏专职检查员") in linked(m, Relation.ADDRESSES)
    assert ("建立统一的数据目录", "乡镇缺乏专职检查员") not in linked(m, Relation.ADDRESSES)


def test_a_remedy_inside_a_section_on_a_problem_answers_it():
    m = read("一、存在的问题\n（一）监管力量薄弱\n乡镇缺乏专职检查员。因此，必须充实基层执法队伍。\n")
    assert ("充实基层执法队伍", "监管力量薄弱") in linked(m, Relation.ADDRESSES)
    assert ("充实基层执法队伍", "乡镇缺乏专职检查员") in linked(m, Relation.ADDRESSES)


def test_a_later_section_answers_what_it_speaks_of():
    m = read(
        "一、主要问题\n农村冷链物流设施严重不足。基层医生缺乏培训。\n二、对策建议\n加大农村冷链物流设施建设力度。\n"
    )
    links = [x for x in m.links if x.relation is Relation.ADDRESSES]
    assert linked(m, Relation.ADDRESSES) == [("加大农村冷链物流设施建设力度", "农村冷链物流设施严重不足")]
    assert links[0].inferred


def test_list_items_are_part_of_what_leads_them_in():
    m = read("调研发现，平台治理存在三方面不足：一是规则不透明。二是申诉渠道不畅。\n")
    heads = {target for _, target in linked(m, Relation.PART_OF)}
    assert heads <= {"平台治理存在三方面不足"}


def test_mentions_have_canonical_names_in_both_languages():
    m = read("商务部应当对照CPTPP完善外商投资负面清单，支持上海市先行先试。")
    found = {(x.kind, x.label, x.label_en) for x in m.mentions}
    assert (MentionKind.ACTOR, "商务部", "Ministry of Commerce") in found
    assert (MentionKind.INSTRUMENT, "负面清单", "Negative list") in found
    assert (MentionKind.PLACE, "上海", "Shanghai") in found
    assert any(kind is MentionKind.INSTRUMENT and "CPTPP" in en for kind, _, en in found)


def test_what_the_dictionary_calls_an_organisation_must_end_like_one():
    m = read(
        "农业发展银行参与国际经贸规则制定取得新进展，形成区域协调发展格局，市水务局优化区域布局，加油站分布在东中部。"
    )
    assert [x.label for x in m.mentions if x.kind is MentionKind.ACTOR] == ["农业发展银行", "市水务局"]


def test_common_words_are_no_places():
    m = read("武汉新建一批场馆，城市更加美丽。")
    assert [x.label for x in m.mentions if x.kind is MentionKind.PLACE] == ["武汉"]


def test_every_decision_leaves_its_reason():
    m = read("由于缺乏专业人才，企业难以开展研发，应当完善培训体系。")
    assert all(f.method.startswith("rules/") and 0 < f.confidence <= 1 for f in m.factors)
    assert all(x.method.startswith("rules/") and 0 < x.confidence <= 1 for x in m.links)
    assert factor(m, "企业难以开展研发").cue == "难以"


def test_components_are_registered_for_any_spacy_user():
    nlp = spacy.blank("zh")
    for name in PIPELINE:
        nlp.add_pipe(name)
    doc = nlp("由于缺乏专业人才，企业难以开展研发。")
    assert {span.label_ for span in doc.spans["factors"]} <= {t.value for t in FactorType}
    assert [(x.relation, x.source, x.target) for x in doc._.links] == [(Relation.CAUSES, 0, 1)]


def test_an_unknown_engine_is_a_clear_error():
    with pytest.raises(FtzgraphError, match="unknown engine 'oracle'"):
        pipeline("oracle")


ARGUMENT = "由于导致难以缺乏不足应当必须促进实现取得成效企业政府监管部门，。；：、（）“”《》 \n一二1.（一）如果但是"


@pytest.mark.parametrize("engine", ["rules", "model"])
@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=ARGUMENT, min_size=1, max_size=160).filter(lambda t: t.strip()))
def test_any_text_gives_ordered_verbatim_factors_and_sound_links(engine, text):
    try:
        document = read_text(text)
    except FtzgraphError:  # no sentence in it
        return
    m = extract(document, engine)
    spans = [(f.span.start, f.span.end) for f in m.factors]
    assert spans == sorted(set(spans))
    for f in m.factors:
        start, end = document.source_span(f.span.start, f.span.end)
        quote = document.text[f.span.start : f.span.end]
        assert quote == quote.strip()
        assert "".join(document.source[start:end].split()) == "".join(quote.split())
    for link in m.links:
        source, target = m.factors[link.source].type, m.factors[link.target].type
        assert link.source != link.target
        assert link.evidence
        if link.relation is Relation.CAUSES:
            assert (source.is_barrier, target.is_barrier) == (True, True)
        if link.relation is Relation.ADDRESSES:
            assert (source.is_strategy, target.is_barrier) == (True, True)
        if link.relation is Relation.AIMS_AT:
            assert (source, target) == (R, G)
    assert extract(document, engine) == m


def test_sentences_with_a_cue_and_no_factor_are_told():
    document = read_text("基层人才不足。会议于三点结束。推进改革，缺乏经验。\n")
    (first, *_) = extract(document, engine="rules").factors
    told = {factors: [(gap.sentence, gap.cue) for gap in gaps_of(document, factors)] for factors in ((), (first,))}
    assert told == {(): [(0, "不足"), (2, "缺乏")], (first,): [(2, "缺乏")]}
    # A factor within another: the outer one reaches into the last sentence.
    nested = (replace(first, span=Span(0, 18)), replace(first, span=Span(3, 5)))
    assert gaps_of(document, nested) == ()
    # A numbered heading that only names a topic is passed over, one that says something is not.
    headed = read_text("一、存在的主要不足\n（一）人才仍然不足\n会议于三点结束。\n")
    assert [gap.sentence for gap in gaps_of(headed, ())] == [1]
