using Tutti.Scheduling.Staffing;
using Tutti.Scheduling.Travelling;

namespace Tutti.Scheduling.Calendars;

/// <summary>The routes about when there is beam and who is there, kept by the staff of each site, and about how far it is from one to another, kept by the user office.</summary>
internal static class CalendarRoutes
{
    public static void Map(RouteGroupBuilder everyone, RouteGroupBuilder keepers, RouteGroupBuilder sites)
    {
        ListShifts.Map(everyone);
        ReadBeamtime.Map(everyone);
        ExportCalendar.Map(everyone);

        PublishCalendar.Map(keepers);
        CheckCalendar.Map(keepers);
        RevertCalendar.Map(keepers);
        ReadCalendar.Map(keepers);
        TellOperatingPattern.Map(keepers);
        TellSetUp.Map(keepers);
        ProposeHalfYear.Map(keepers);
        KeepDraft.Map(keepers);
        ImportCalendar.Map(keepers);
        PublishDraft.Map(keepers);
        KeepSiteDistances.Map(keepers);

        KeepContactGroup.Map(sites);
        ReadContactGroups.Map(sites);
        TellLeave.Map(sites);
    }
}
