using System.Globalization;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class An_absorption_edge
{
    [Fact]
    public void R3_Of_each_operando_spectrum_lies_where_it_rises_through_one_half()
    {
        var prepared = Made.Run(Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv"), new FindEdge(EdgeMark.HalfHeight));
        double[] energies = [.. prepared.Columns["e0"].Select(value => value.GetValueOrDefault())];
        int[] rows = [0, 50, 100, 150, 228];
        double[] expected = [8344.76, 8346.12, 8345.08, 8345.65, 8345.86];
        for (var i = 0; i < rows.Length; i++) Assert.Equal(expected[i], energies[rows[i]], 0.01);
        Assert.Equal((0, 55), (Array.IndexOf(energies, energies.Min()), Array.IndexOf(energies, energies.Max())));
    }

    [Theory]
    [InlineData("fe2o3_rt", 7126.0, 0.267188)]
    [InlineData("ni_metal_rt", 8331.5, 2.560558)]
    [InlineData("cu_metal_rt", 8980.5, 2.705055)]
    public void R4_Of_a_standard_has_its_energy_and_step(string standard, double energy, double step)
    {
        var file = SharedData.Path($"xdi/{standard}.xdi");
        var series = SeriesReading.Read(
            new NamedContent(Path.GetFileName(file), File.ReadAllBytes(file)), new ReadingOptions { Signal = "mutrans" });
        var prepared = Made.Run(series, new FindEdge(), new NormaliseEdge());
        Assert.Equal(energy, prepared.Columns["e0"][0]);
        Assert.Equal(step, prepared.Columns["edge_step"][0] ?? 0, 1e-5 * step);
        Assert.Empty(prepared.Warnings);
    }

    [Fact]
    public void Normalised_has_a_flat_top_where_asked()
    {
        double[] axis = [.. Enumerable.Range(0, 500).Select(i => 7000.0 + 2 * i)];
        var series = Made.Series(axis, [.. axis.Select(e => 0.3 - 1e-4 * (e - 7000) + (e >= 7200 ? 1.5 - 3e-4 * (e - 7200) : 0))]);
        var flat = Made.Run(series, new NormaliseEdge(EdgeEnergies: [7200], Flatten: true));
        Assert.Equal(1.5, flat.Columns["edge_step"][0] ?? 0, 1e-9);
        Assert.All(Enumerable.Range(0, 500), i => Assert.Equal(axis[i] >= 7200 ? 1 : 0, flat.Row()[i], 1e-9));
        var plain = Made.Run(series, new NormaliseEdge(EdgeEnergies: [7200]));
        Assert.Equal((1.5 - 3e-4 * 400) / 1.5, plain.Row()[300], 1e-9);
        Assert.Equal("edge_step_not_positive", Made.Code(Made.Run(series, new Scale(-1)).Series, new NormaliseEdge(EdgeEnergies: [7200])));
        Assert.Equal("normalisation_range_short", Assert.Single(
            Made.Run(series, new NormaliseEdge(PostHigh: 5000, EdgeEnergies: [7200])).Warnings).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Is_brought_to_the_tabulated_energy_by_the_foil(int foils)
    {
        double[] axis = [.. Enumerable.Range(0, 800).Select(i => 8280 + 0.25 * i)];
        double[] off = [-1.3, 0.4, 2.05];
        var series = Made.Series(axis, [.. Enumerable.Range(0, 3).Select(row => Edge(axis, 8345 - off[foils == 1 ? 0 : row]))]);
        var foil = Made.Series(axis, [.. Enumerable.Range(0, foils).Select(row => Edge(axis, 8333 - off[row]))]);
        var aligned = Prepare.Run(
            series, [new AlignToFoil(8333), new FindEdge(EdgeMark.HalfHeight)],
            Made.Context, new Dictionary<string, SpectralSeries> { ["foil"] = foil });
        Assert.All(aligned.Columns["e0"], energy => Assert.Equal(8345, energy ?? 0, 0.02));
        var named = Prepare.Run(
            series, [new AlignToFoil(Element: "Ni")], Made.Context, new Dictionary<string, SpectralSeries> { ["foil"] = foil });
        Assert.Equal(aligned.Records[0].OutputHash, named.Records[0].OutputHash);
        Assert.Equal(SeriesHash.Of(foil), aligned.Records[0].References["foil"]);

        static double[] Edge(double[] axis, double at) => [.. axis.Select(energy => 0.5 + Math.Atan((energy - at) / 1.5) / Math.PI)];
    }

    [Fact]
    public void Is_freed_of_glitches_which_are_recorded()
    {
        var clean = Made.SyntheticEdges(2);
        var row = clean.Data.Row(0).ToArray();
        row[40] += 0.5;
        row[220] -= 0.3;
        var series = Made.Series([.. clean.Axis.Values], row, clean.Data.Row(1).ToArray());
        var prepared = Made.Run(series, new Deglitch());
        var used = Assert.IsType<Deglitch>(prepared.Records[0].Used);
        Assert.Contains(40, used.Points?[0] ?? []);
        Assert.Contains(220, used.Points?[0] ?? []);
        Assert.Equal(clean.Data[0, 40], prepared.Row()[40], 0.02);
        Assert.Equal(clean.Data[0, 220], prepared.Row()[220], 0.02);
        var range = Made.Run(series, new Deglitch([new AxisRange(clean.Axis.Values[219], clean.Axis.Values[221])], Threshold: null));
        Assert.Equal([219, 220, 221], Assert.IsType<Deglitch>(range.Records[0].Used).Points?[1] ?? []);
    }

    [Fact]
    public void Keeps_its_operando_spectra_as_they_are_when_there_is_no_glitch()
    {
        var series = Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv");
        var found = Made.Run(series, new Deglitch()).Records[0].Found["glitches"];
        Assert.True(found.Average() < 5, $"{found.Average()} points of a clean spectrum were taken for glitches.");
    }

    [Fact]
    public void Damped_by_self_absorption_is_told_by_transmission()
    {
        double[] axis = [.. Enumerable.Range(0, 400).Select(i => 7000.0 + i)];
        double[] transmission = [.. axis.Select(e =>
            e < 7100 ? 0.0 : 1 + 0.4 * Math.Exp(-(e - 7105) * (e - 7105) / 30) + 0.1 * Math.Sin((e - 7100) / 9))];
        double[] fluorescence = [.. transmission.Select(t => t / (0.7 + 0.3 * t))];
        var references = new Dictionary<string, SpectralSeries> { ["transmission"] = Made.Series(axis, transmission) };
        var prepared = Prepare.Run(Made.Series(axis, fluorescence, transmission), [new CheckSelfAbsorption()], Made.Context, references);
        Assert.Equal(0.3, prepared.Columns["self_absorption"][0] ?? 0, 1e-10);
        Assert.Equal(0, prepared.Columns["self_absorption"][1] ?? 1, 1e-12);
        Assert.Equal("self_absorption", Assert.Single(prepared.Warnings).Code);
    }

    [Fact]
    public void Gives_the_fine_structure_that_was_put_on_it()
    {
        double[] axis = [.. Enumerable.Range(0, 1400).Select(i => 7000.0 + i)];
        var series = Made.Series(axis, [.. axis.Select(e =>
        {
            var k = Math.Sqrt(Math.Max(0, e - 7112) * 0.262468425);
            return e < 7112 ? 0 : 1 - 1e-4 * (e - 7112) + 0.05 * Math.Sin(2 * 2.5 * k);
        })]);
        var chi = Made.Run(series, new ExtractChi(KMin: 3, KWeight: 0, EdgeEnergies: [7112]));
        Assert.Equal(("k", "1/Angstrom"), (chi.Series.Axis.Name, chi.Series.Axis.Unit));
        for (var i = 40; i < chi.Series.Axis.Values.Count - 40; i++)
            Assert.Equal(0.05 * Math.Sin(2 * 2.5 * chi.Series.Axis.Values[i]), chi.Row()[i], 0.012);
    }

    [Fact]
    public void Is_rebinned_finely_near_and_evenly_in_k_above()
    {
        var prepared = Made.Run(Made.SyntheticEdges(2), new RebinEdge(EdgeEnergy: 8340));
        var axis = prepared.Series.Axis.Values;
        Assert.Contains(8340.0, axis);
        Assert.Contains(axis.Zip(axis.Skip(1)), pair => Math.Abs(pair.Second - pair.First - 0.5) < 1e-9);
        Assert.Equal("empty_bins", prepared.Warnings.First().Code);
    }

    [Fact]
    public void Is_tied_to_potential_and_capacity_by_its_time_stamp()
    {
        var start = new DateTime(2022, 7, 26, 22, 38, 30);
        var table = ElectrochemistryClock.Table(start, [0, 100, 100, 200], [3.0, 3.5, 9, 4.0], capacity: [0, 1, 9, 2]);
        var series = Made.SyntheticEdges(3) with { Times = [start.AddSeconds(-5), start.AddSeconds(50), start.AddSeconds(180)] };
        var references = new Dictionary<string, SpectralSeries> { ["cell"] = table };
        var clocked = Prepare.Run(series, [new ElectrochemistryClock(["cell"])], Made.Context, references);
        Assert.Equal([null, 3.25, 3.9], clocked.Columns["potential"].Select(value => value is { } v ? Math.Round(v, 12) : (double?)null));
        Assert.Equal([null, 0.5, 1.8], clocked.Columns["capacity"].Select(value => value is { } v ? Math.Round(v, 12) : (double?)null));
        Assert.Equal([0.0, 55, 185], clocked.Columns["seconds"].Select(value => value.GetValueOrDefault()));
        Assert.Equal("outside_electrochemistry", Assert.Single(clocked.Warnings).Code);
        Assert.Equal(3, table.Data.Columns);
    }

    [Fact]
    public void Of_the_operando_cell_has_a_potential_within_its_tables()
    {
        string[] files = ["220726cell4operandoxas_C06_thin.csv", "220726cell4operandoxascontinuation_C06_thin.csv"];
        var references = files.ToDictionary(file => file, file =>
        {
            var lines = File.ReadAllLines(SharedData.Path($"xas_operando_LiNiO2_Ni-K_ROCK/echem/{file}"));
            var start = DateTime.ParseExact(lines[0]["# start ".Length..], "MM/dd/yyyy HH:mm:ss.fff", CultureInfo.InvariantCulture);
            var rows = lines.Skip(2).Where(line => line.Length > 0).Select(line => line.Split(',').Select(cell =>
                double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()).ToArray();
            return ElectrochemistryClock.Table(
                start, [.. rows.Select(r => r[0])], [.. rows.Select(r => r[2])], [.. rows.Select(r => r[3])], [.. rows.Select(r => r[1])]);
        });
        DateTime[] times = [.. File.ReadLines(SharedData.Path("xas_operando_LiNiO2_Ni-K_ROCK/index_pos1.csv")).Skip(1)
            .Select(line => DateTime.Parse(line.Split(',')[2], CultureInfo.InvariantCulture))];
        var series = Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv");
        var clocked = Prepare.Run(series, [new ElectrochemistryClock(files, SpectrumTimes: times)], Made.Context, references);
        var inside = clocked.Columns["potential"].Where(value => value.HasValue).Select(value => value.GetValueOrDefault()).ToArray();
        Assert.True(inside.Length > 150, $"{inside.Length} of {times.Length}");
        Assert.All(inside, volts => Assert.InRange(volts, 2.5, 4.6));
    }
}
