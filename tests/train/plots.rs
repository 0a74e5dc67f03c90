//! Pictures are whole: what is shown lies within the axes, nothing that is written is cut off or hidden.

use std::collections::BTreeSet;
use std::f64::consts::PI;
use wengert::plot::{Images, Picture, Plot, PlotError};

/// An element of an SVG: its name, and the attributes as they stand.
#[derive(Debug)]
struct Element<'s> {
    name: &'s str,
    attributes: &'s str,
    /// What stands within.
    words: &'s str,
}

impl Element<'_> {
    fn attribute(&self, name: &str) -> &str {
        let at = self.attributes.find(&format!(" {name}=\"")).expect("the attribute");
        self.attributes[at + name.len() + 3..].split('"').next().expect("an end")
    }

    fn number(&self, name: &str) -> f64 {
        self.attribute(name).parse().expect("a number")
    }

    /// The pairs of a polyline.
    fn points(&self) -> Vec<[f64; 2]> {
        let pairs = self.attribute("points").split_whitespace();
        pairs
            .map(|pair| {
                let (x, y) = pair.split_once(',').expect("a pair");
                [x.parse().expect("a number"), y.parse().expect("a number")]
            })
            .collect()
    }

    /// The rectangle that a text takes in Helvetica, as far as it can be known, with room on top.
    fn place(&self) -> [f64; 4] {
        let size = self.number("font-size");
        let wide = 0.5 * size * self.words.chars().count() as f64;
        let [x, y] = [self.number("x"), self.number("y")];
        let before = match self.attribute("text-anchor") {
            "start" => 0.0,
            "middle" => 0.5,
            _ => 1.0,
        };
        let top = match self.attribute("dy") {
            "0.76em" => 0.0,
            "0.5ex" => -0.5,
            _ => -0.76,
        };
        [x - before * wide, x + (1.0 - before) * wide, y + top * size, y + (top + 0.76) * size]
    }

    fn is_turned(&self) -> bool {
        self.attributes.contains("rotate")
    }
}

fn elements(svg: &str) -> Vec<Element<'_>> {
    let parts = svg.split('<').skip(1).filter(|part| !part.starts_with('/'));
    parts
        .map(|part| {
            let (head, words) = part.split_once('>').expect("an end");
            let end = head.find([' ', '/']).unwrap_or(head.len());
            Element { name: &head[..end], attributes: &head[end..], words: words.trim() }
        })
        .collect()
}

fn texts<'a, 's>(all: &'a [Element<'s>]) -> impl Iterator<Item = &'a Element<'s>> {
    all.iter().filter(|element| element.name == "text")
}

/// Width and height of the coordinates.
fn canvas(all: &[Element<'_>]) -> [f64; 2] {
    let view: Vec<f64> =
        all[0].attribute("viewBox").split(' ').map(|x| x.parse().expect("a number")).collect();
    [view[2], view[3]]
}

/// Panics if a text reaches beyond the picture, or two lie upon each other.
fn check_texts(svg: &str) {
    let all = elements(svg);
    let [wide, high] = canvas(&all);
    let upright: Vec<_> = texts(&all).filter(|text| !text.is_turned()).collect();
    for text in &upright {
        let [left, right, top, bottom] = text.place();
        let is_within = left >= 0.0 && right <= wide && top >= 0.0 && bottom <= high;
        assert!(is_within, "{:?} is cut off: {text:?}", text.words);
    }
    for (at, a) in upright.iter().enumerate() {
        for b in &upright[at + 1..] {
            let ([l, r, t, u], [l2, r2, t2, u2]) = (a.place(), b.place());
            let meet = l < r2 && l2 < r && t < u2 && t2 < u;
            assert!(!meet, "{:?} lies upon {:?}", a.words, b.words);
        }
    }
}

fn noisy(n: u32) -> Vec<(f64, f64)> {
    (0..n).map(f64::from).map(|i| (i * 0.1, (i * 0.1).sin() + 0.1 * (i * 12.9898).sin())).collect()
}

fn gallery() -> Vec<(&'static str, Picture)> {
    let points = noisy(60);
    let fit =
        Plot::fit("A sine through noisy points", &points, f64::sin).names("time (s)", "height (m)");
    let (predicted, observed): (Vec<f64>, Vec<f64>) =
        points.iter().map(|(x, y)| (x.sin(), *y)).unzip();
    let residuals =
        Plot::residuals("What the sine leaves over", &predicted, &observed).expect("a picture");
    let moons: Vec<([f64; 2], bool)> =
        points.iter().map(|(x, y)| ([*x, *y], *y > 0.2 * (x - 3.0).cos())).collect();
    let decision =
        Plot::decision("Above a wave or below it", ["above", "below"], &moons, |[x, y]| {
            y - 0.2 * (x - 3.0).cos()
        });
    let bowl = |x: f64, y: f64| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
    let path = |k: f64| (0..30).map(move |i| (-1.5 + f64::from(i) / k, 2.5 - f64::from(i) * 0.1));
    let mut contour = Plot::contour("Rosenbrock's function", [-2.0, 2.0], [-1.0, 3.0], bowl);
    for (at, name) in ["SGD", "momentum", "Adagrad", "RMSprop", "Adam", "Rprop"].iter().enumerate()
    {
        contour = contour.path(*name, path(10.0 + 2.0 * at as f64));
    }
    let decades = (0..200).map(f64::from).map(|i| (i, 10_f64.powf(2.0 - i * 0.07)));
    let losses = Plot::new("An error that spans decades", "step", "mean absolute error")
        .line("of a quick descent", decades.clone())
        .dashed("held back", decades.map(|(i, y)| (i, y * 3.0 + 1e-9)))
        .mark((199.0, 10_f64.powf(2.0 - 199.0 * 0.07)), "the best of all steps")
        .log_y();
    let large = Plot::new("Numbers of many digits", "tiny", "huge")
        .line("", [(1e-12, -3e15), (5e-12, 4e15), (9e-12, -1e15)]);
    let mut images = Images::new("Small images with captions");
    for k in 0..10 {
        let pixels: Vec<f64> = (0..64).map(|i| f64::from((i * (k + 3)) % 17)).collect();
        images =
            images.image(format!("{k} read as {}", (k + 5) % 10), 8, &pixels).expect("a picture");
    }
    vec![
        ("fit", Picture::of(fit).and(residuals)),
        ("decision", Picture::of(decision)),
        ("contour", Picture::of(contour)),
        ("losses", Picture::of(losses).and(large)),
        ("images", Picture::of(images)),
    ]
}

#[test]
fn nothing_written_is_cut_off_or_hidden() {
    for (name, picture) in gallery() {
        for size in [(400, 340), (560, 460), (900, 500)] {
            println!("{name} {size:?}");
            check_texts(&picture.clone().size(size.0, size.1).svg().unwrap());
        }
    }
}

#[test]
fn titles_axes_legend_and_marks_are_written() {
    let (_, losses) = gallery().swap_remove(3);
    let svg = losses.svg().unwrap();
    let all = elements(&svg);
    let words: BTreeSet<&str> = texts(&all).map(|text| text.words).collect();
    for expected in [
        "An error that spans decades",
        "step",
        "mean absolute error",
        "of a quick descent",
        "held back",
        "the best of all steps",
        "1e-12",
        "100",
        "Numbers of many digits",
        "4e15",
        "4e-12",
    ] {
        assert!(words.contains(expected), "{expected} is not among {words:?}");
    }
}

/// Known places in, known places out: the axes are exact, up to the pixels.
#[test]
fn points_lie_where_the_axes_say() {
    let plot = Plot::new("t", "x", "y").dots("", [(0.0, 1.0), (10.0, 1.0), (5.0, 1e3), (2.5, 1e6)]);
    let svg = plot.x_range(0.0, 10.0).log_y().y_range(1.0, 1e6).svg().unwrap();
    let all = elements(&svg);
    let dots: Vec<[f64; 2]> = all
        .iter()
        .filter(|element| element.name == "circle")
        .map(|dot| [dot.number("cx"), dot.number("cy")])
        .collect();
    let [a, b, c, d] = dots[..] else { panic!("{dots:?}") };
    let [left, right, bottom, top] = [a[0], b[0], a[1], d[1]];
    assert_eq!(b[1], bottom);
    assert!(
        (c[0] - (left + right) / 2.0).abs() <= 1.0 && (c[1] - (top + bottom) / 2.0).abs() <= 1.0
    );
    assert!((d[0] - (0.75 * left + 0.25 * right)).abs() <= 1.0);
    // The labels of the ends stand at them.
    let label = |words: &str| texts(&all).find(|text| text.words == words).unwrap();
    assert!((label("0").number("x") - left).abs() <= 4.0);
    assert!((label("10").number("x") - right).abs() <= 4.0);
    assert!((label("1e6").number("y") - top).abs() <= 4.0);
}

#[test]
fn lines_stay_within_the_axes_and_break_where_numbers_are_none() {
    let spike = [(0.0, 0.0), (1.0, 1e300), (2.0, 0.5), (3.0, f64::NAN), (4.0, 0.5), (5.0, 0.25)];
    let svg = Plot::new("t", "x", "y").line("", spike).y_range(0.0, 1.0).svg().unwrap();
    let all = elements(&svg);
    let [wide, high] = canvas(&all);
    let lines: Vec<_> = all
        .iter()
        .filter(|e| e.name == "polyline" && e.attribute("stroke") == "#2166AC")
        .map(Element::points)
        .collect();
    assert_eq!(lines.len(), 3, "up, down, and after the gap: {lines:?}");
    for [x, y] in lines.iter().flatten() {
        assert!((0.0..wide).contains(x) && (0.0..high).contains(y));
    }
}

#[test]
fn words_are_escaped() {
    let title = "a < b & \"c\" > d";
    let svg = Plot::new(title, title, title).line(title, [(0.0, 1.0), (1.0, 0.0)]).svg().unwrap();
    let known = ["amp;", "lt;", "gt;", "quot;", "apos;", "#34;", "#39;"];
    for (at, _) in svg.match_indices('&') {
        assert!(known.iter().any(|name| svg[at + 1..].starts_with(name)), "{}", &svg[at..at + 10]);
    }
    assert!(
        elements(&svg).iter().all(|element| element.words.is_empty() || element.name == "text")
    );
}

#[test]
fn characters_that_xml_forbids_are_replaced() {
    let title = "a\u{0}b\u{1}c\u{b}d\u{1f}e\u{fffe}f\u{ffff}g\u{7f}\u{85}h";
    let kept = "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g\u{7f}\u{85}h";
    let plot = Plot::new(title, title, title).line(title, [(0.0, 1.0), (1.0, 0.0)]);
    let images = Images::new("t").image(title, 1, &[0.0]).unwrap();
    let picture = Picture::of(plot.mark((0.0, 1.0), title)).and(images);
    let svg = picture.svg().unwrap();
    assert_eq!(svg.matches(kept).count(), 6);
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(svg.chars().all(is_allowed));
    // An XML reader stands between the SVG and its pixels.
    #[cfg(feature = "png")]
    assert!(picture.png().is_ok());
}

#[test]
fn a_contour_of_two_values_has_a_line_and_that_of_one_says_so() {
    let of = |f: fn(f64, f64) -> f64| Plot::contour("t", [-1.0, 1.0], [-1.0, 1.0], f).svg();
    let flat = of(|_, _| 3.0).unwrap();
    check_texts(&flat);
    assert!(flat.contains("loss, flat"));
    let a_spot = of(|x, y| if x.hypot(y) < 1e-3 { 1.0 } else { f64::NAN }).unwrap();
    assert!(a_spot.contains("loss, flat"));
    let two = of(|x, _| if x < 0.0 { 0.0 } else { 1.0 }).unwrap();
    assert!(two.contains("loss from 0.500 to 0.500"));
    let lines = |svg: &str| elements(svg).iter().filter(|e| e.name == "polyline").count();
    assert!(lines(&two) > lines(&flat));
}

#[test]
fn images_have_the_shades_of_their_pixels() {
    let svg = Images::new("t").image("", 2, &[0.0, 5.0, 10.0, f64::NAN]).unwrap().svg().unwrap();
    let squares = elements(&svg);
    let fills: Vec<&str> = squares
        .iter()
        .filter(|e| e.name == "rect" && e.attribute("stroke") == "none")
        .map(|e| e.attribute("fill"))
        .collect();
    // The ground; half ink; ink. What is white or no number is the ground.
    assert_eq!(fills, ["#FFFFFF", "#93999C", "#263238"]);
}

#[test]
fn what_cannot_be_shown_is_an_error() {
    let dot = || Plot::new("t", "the x", "y").dots("", [(1.0, -1.0)]);
    let empty = |plot: Plot| matches!(plot.svg(), Err(PlotError::Empty { .. }));
    assert!(empty(Plot::new("t", "x", "y")));
    assert!(empty(dot().log_y()));
    assert!(empty(Plot::fit("t", &[], |x| x)));
    assert!(empty(Plot::decision("t", ["a", "b"], &[], |_| 0.0)));
    assert!(empty(Plot::contour("t", [0.0, 1.0], [0.0, 1.0], |_, _| f64::NAN)));
    let refused = Images::new("t").svg().unwrap_err();
    assert!(matches!(&refused, PlotError::NoImages { title } if title == "t"), "{refused}");
    let no_place = [(f64::NAN, 1.0), (1.0, f64::INFINITY)];
    assert!(empty(Plot::new("t", "x", "y").line("", no_place)));
    for (from, to) in [(1.0, 0.0), (0.0, 0.0), (0.0, f64::INFINITY), (f64::NAN, 1.0)] {
        let refused = dot().x_range(from, to).svg().unwrap_err();
        assert!(matches!(&refused, PlotError::Range { axis, .. } if axis == "the x"), "{refused}");
    }
    let refused = dot().x_range(-1.7e308, -1.75e308).svg().unwrap_err().to_string();
    assert_eq!(refused, "the axis \"the x\" cannot go from -1.7e308 to -1.75e308");
    let refused = Picture::of(dot()).size(100, 100).svg().unwrap_err().to_string();
    assert_eq!(refused, "no picture has 1 panel of 100 by 100 pixels");
    let refused = Images::new("t").image("", 2, &[0.0]).unwrap_err().to_string();
    assert_eq!(refused, "1 pixel cannot be rows of 2");
    let refused = Plot::residuals("t", &[1.0, 2.0], &[1.0]).unwrap_err().to_string();
    assert_eq!(refused, "1 observed value for 2 predicted");
    let refused = Picture::of(dot()).size(50_000, 400).svg().unwrap_err();
    assert!(matches!(refused, PlotError::Size { panels: 1, width: 50_000, height: 400 }));
    let refused = Picture::of(Vec::<Plot>::new()).svg().unwrap_err();
    assert!(matches!(refused, PlotError::Size { panels: 0, .. }));
    let refused = dot().save("no such folder/dot.svg").unwrap_err();
    assert!(matches!(refused, PlotError::Io { .. }));
    let refused = dot().save("dot").unwrap_err();
    assert!(matches!(refused, PlotError::Format { .. }));
    assert!(refused.to_string().starts_with("dot ends in \"\", not in one of [\"svg\""));
}

#[test]
fn a_single_point_and_a_flat_line_have_axes() {
    for points in
        [vec![(3.0, 0.0)], vec![(0.0, 7.0), (1.0, 7.0)], vec![(1e300, 1e300), (-1e300, 0.0)]]
    {
        check_texts(
            &Plot::new("t", "x", "y").line("a", points.clone()).dots("b", points).svg().unwrap(),
        );
    }
}

#[test]
fn the_least_and_the_greatest_numbers_are_shown() {
    let (least, most) = (f64::from_bits(1), f64::MAX);
    for (low, high) in [(-least, least), (0.0, least), (least, least), (-most, most), (most, most)]
    {
        let plot = || Plot::new("t", "x", "y").dots("", [(0.0, low), (1.0, high)]);
        let line = || plot().line("", [(low, 0.0), (high, 1.0)]);
        let ranged = || plot().y_range(low, high);
        for svg in
            [plot().svg(), line().svg()].into_iter().chain((low < high).then(|| ranged().svg()))
        {
            let svg = svg.unwrap();
            check_texts(&svg);
            assert!(!svg.contains("NaN"));
            let dots = elements(&svg).iter().filter(|e| e.name == "circle").count();
            assert_eq!(dots, 2, "{low} {high}");
        }
    }
    let all = [-most, most];
    let plane = Plot::contour("t", all, all, |x, y| x / 4.0 + y / 4.0).svg().unwrap();
    assert!(plane.matches("<polyline").count() > 10);
    let points = [([-most, -most], true), ([most, most], false)];
    let sides =
        Plot::decision("t", ["a", "b"], &points, |[x, y]| -x / 2.0 - y / 2.0).svg().unwrap();
    assert!(sides.contains("<polyline") && !sides.contains("NaN"));
    assert!(Plot::new("t", "x", "y").curve("", all, |x| x).svg().unwrap().contains("<polyline"));
}

#[cfg(feature = "png")]
#[test]
fn a_png_shows_what_the_svg_shows() {
    let plot = Plot::new("t", "x", "y").dots("", [(0.0, 0.0), (1.0, 1.0)]);
    let picture = Picture::of(plot).size(300, 250);
    let bytes = picture.png().unwrap();
    assert_eq!(bytes, picture.png().unwrap());
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(&bytes[12..16], b"IHDR");
    assert_eq!((number(16), number(20)), (600, 500));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("PICTURE.PNG");
    picture.save(&file).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1); // nothing is left beside it
}

#[test]
fn a_level_is_drawn_where_the_function_has_it() {
    // The levels of a round bowl are circles about the middle of the axes.
    let svg = Plot::contour("t", [-1.0, 1.0], [-1.0, 1.0], |x, y| x * x + y * y).svg().unwrap();
    let all = elements(&svg);
    let closed: Vec<Vec<[f64; 2]>> = all
        .iter()
        .filter(|e| e.name == "polyline")
        .map(Element::points)
        .filter(|points| points.len() > 20 && points.first() == points.last())
        .collect();
    assert!(closed.len() >= 8, "{}", closed.len());
    for circle in &closed {
        let [x, y] = [0, 1].map(|i| {
            let ends = circle.iter().map(|point| point[i]);
            [ends.clone().fold(f64::INFINITY, f64::min), ends.fold(f64::NEG_INFINITY, f64::max)]
        });
        let (middle, half) = ([x[0] + x[1], y[0] + y[1]], [x[1] - x[0], y[1] - y[0]]);
        for point in circle {
            let [u, v] = [0, 1].map(|i| (2.0 * point[i] - middle[i]) / half[i]);
            assert!((u.hypot(v) - 1.0).abs() < 0.05, "{u} {v}");
        }
        let area: f64 = circle.windows(2).map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1]).sum();
        let expected = PI * half[0] * half[1] / 2.0;
        assert!((area.abs() / expected - 1.0).abs() < 0.02);
    }
}

/// A training whose losses are known: each epoch halves the distance of 1 from 0.
#[test]
fn losses_show_each_run_and_its_best_epoch() {
    use wengert::optim::Sgd;
    use wengert::train::{FnLoss, History, LossFailure, Trainer};
    fn halving(rate: f64, epochs: u64, held_back: bool) -> History {
        let mut loss = FnLoss::new(2, |x: &[f64], rows: &[u32], slope: &mut [f64]| {
            slope[0] = 2.0 * x[0];
            // The row held back would have its minimum at 1/4.
            let from = f64::from(rows[0]) / 4.0;
            Ok::<f64, LossFailure>((x[0] - from).powi(2))
        });
        let sgd = Sgd::builder(rate).build().unwrap();
        let mut trainer = Trainer::new(sgd).epochs(epochs).rows(&[0]);
        if held_back {
            trainer = trainer.validate(&[1]);
        }
        trainer.fit(&mut [1.0], &mut loss).unwrap().history
    }
    let written = |plot: Plot| -> Vec<String> {
        let svg = plot.svg().unwrap();
        texts(&elements(&svg)).map(|text| text.words.to_owned()).collect()
    };
    let has = |words: &[String], expected: &str| words.iter().any(|word| word == expected);
    // x is 1, 1/2, 1/4, ...: the loss 4⁻ᵏ before a step; held back it is least, 0, after two.
    let history = halving(0.25, 20, false);
    let words = written(Plot::losses("t", &[("halving", &history)]));
    assert!(has(&words, "halving") && has(&words, "1e-10"), "logarithmic: {words:?}");
    assert!(has(&words, "3.64e-12 after epoch 20"), "{words:?}");
    let history = halving(0.25, 20, true);
    let words = written(Plot::losses("t", &[("", &history)]));
    assert!(has(&words, "training") && has(&words, "held back"), "{words:?}");
    assert!(has(&words, "0 after epoch 2") && !has(&words, "1e-10"), "linear: {words:?}");
    let slow = halving(0.001, 20, false);
    let words = written(Plot::losses("t", &[("slow", &slow), ("slower", &slow)]));
    assert!(has(&words, "slow") && has(&words, "slower"), "{words:?}");
}
