use super::*;

fn pages(count: usize, byte: u8) -> Vec<u8> {
    vec![byte; count * PAGE]
}

/// Everything that a power cut may leave, as far as so many seeds show it.
fn ends(content: &Content) -> BTreeSet<Vec<u8>> {
    (0..2_000).map(|seed| content.after_power_cut(&mut Chance::seeded(seed))).collect()
}

#[test]
fn what_was_synced_is_there_after_any_power_cut() {
    let mut content = Content::default();
    content.write(0, &pages(2, 1));
    content.write(PAGE, &pages(3, 2));
    content.truncate(3 * PAGE);
    content.sync();
    let there = [pages(1, 1), pages(2, 2)].concat();
    assert_eq!(content.current().to_vec(), there);
    assert_eq!(ends(&content), BTreeSet::from([there]));
}

#[test]
fn what_was_not_synced_is_there_or_not_or_torn() {
    let mut content = Content::durable(pages(1, 1));
    content.write(SECTOR, &[2; 6 * SECTOR]);
    let ends = ends(&content);
    assert!(ends.contains(&pages(1, 1)) && ends.contains(content.current()));
    assert_eq!(ends.len(), 1 << 6, "every way to tear six sectors is seen");
    for end in ends {
        let torn = end.chunks(SECTOR).all(|sector| sector.iter().all(|byte| *byte == sector[0]));
        assert!(torn, "a sector is never torn itself");
    }
}

#[test]
fn a_later_write_may_outlive_an_earlier_one_elsewhere_but_not_what_it_lies_on() {
    let mut content = Content::durable(pages(2, 0));
    content.write(0, &[1; SECTOR]);
    content.write(PAGE, &[1; SECTOR]);
    content.write(10, &[2; 20]);
    let seen: BTreeSet<_> = ends(&content).into_iter().map(|end| (end[0], end[10], end[PAGE])).collect();
    assert!(seen.contains(&(0, 0, 1)), "the second without the first");
    assert!(!seen.contains(&(0, 2, 0)) && !seen.contains(&(0, 2, 1)), "the third lies on the first: {seen:?}");
    assert_eq!(seen.len(), 6);
}

#[test]
fn a_file_that_grew_has_any_length_it_had_and_anything_where_nothing_came_through() {
    let mut content = Content::durable(pages(1, 1));
    content.write(PAGE, &pages(1, 2));
    content.truncate(SECTOR);
    let ends = ends(&content);
    let lengths: BTreeSet<_> = ends.iter().map(Vec::len).collect();
    assert_eq!(lengths, BTreeSet::from([SECTOR, PAGE, 2 * PAGE]));
    let grown: Vec<_> = ends.iter().filter(|end| end.len() == 2 * PAGE).map(|end| &end[PAGE..][..SECTOR]).collect();
    let is = |byte| grown.iter().any(|sector| sector.iter().all(|it| *it == byte));
    let garbage = grown.iter().any(|sector| sector.iter().collect::<BTreeSet<_>>().len() > 10);
    assert!(is(0) && is(2) && garbage);
}

#[test]
fn after_a_failed_sync_a_sync_that_says_ok_has_not_written_it() {
    let mut content = Content::durable(pages(3, 0));
    content.write(0, &pages(2, 1));
    content.forsake();
    assert_eq!(content.current().to_vec(), [pages(2, 1), pages(1, 0)].concat(), "it still reads as written");
    content.sync();
    assert!(ends(&content).contains(&pages(3, 0)), "and yet it may be gone");
}

#[test]
fn a_page_that_is_written_again_after_a_failed_sync_goes_out_whole() {
    let mut content = Content::durable(pages(3, 0));
    content.write(0, &pages(2, 1));
    content.forsake();
    content.write(PAGE + 10, &[2; 10]);
    content.sync();
    for end in ends(&content) {
        assert_eq!((end[PAGE], end[PAGE + 10]), (1, 2), "what lies in the page goes with it");
    }
    let first: BTreeSet<_> = ends(&content).into_iter().map(|end| end[0]).collect();
    assert_eq!(first, BTreeSet::from([0, 1]), "the other page is still anybody's guess");
    content.write(0, &[3]);
    content.sync();
    assert_eq!(ends(&content).len(), 1, "until it is written again too");
}

#[test]
fn one_seed_has_one_end() {
    let mut content = Content::default();
    (0..9).for_each(|n| content.write(n * 700, &[n as u8; 1_500]));
    for seed in 0..50 {
        let end = || content.after_power_cut(&mut Chance::seeded(seed));
        assert_eq!(end(), end());
    }
}
