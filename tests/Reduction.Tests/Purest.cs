using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

/// <summary>Starts from what SIMPLISMA finds.</summary>
internal static class Purest
{
    public static McrStart Spectra(DataMatrix data, int components, double noisePercent = 5) => new McrStart.OfSpectra(Simplisma.PurestRows(data, components, noisePercent));

    public static McrStart Channels(DataMatrix data, int components, double noisePercent = 10) => new McrStart.OfChannels(Simplisma.PurestColumns(data, components, noisePercent));
}
