using ScottPlot;
using SkiaSharp;

namespace Tutti.Reduction.Plotting;

/// <summary>The typeface carried in this assembly (DejaVu Sans), so that plots have text on machines without fonts and look the same
/// everywhere.</summary>
internal sealed class PlotTypeface : IFontResolver
{
    public const string Name = "DejaVu Sans";

    private static readonly Lazy<bool> Once = new(Register);
    private readonly SKData font;

    private PlotTypeface(SKData font) => this.font = font;

    /// <summary>Makes the typeface known to the plotting library, once per process.</summary>
    public static void Use() => _ = Once.Value;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        fontName == Name ? SKTypeface.FromData(font) : null;

    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        CreateTypeface(fontName, false, false);

    /// <summary>The typeface itself, for what is drawn without the plotting library.</summary>
    public static SKTypeface Open()
    {
        using var data = Data();
        return SKTypeface.FromData(data);
    }

    private static SKData Data()
    {
        using var stream = typeof(PlotTypeface).Assembly.GetManifestResourceStream("DejaVuSans.ttf")
            ?? throw new InvalidOperationException("The typeface of the plots is missing from the assembly.");
        return SKData.Create(stream);
    }

    private static bool Register()
    {
        Fonts.FontResolvers.Insert(0, new PlotTypeface(Data()));
        Fonts.Default = Name;
        return true;
    }
}
